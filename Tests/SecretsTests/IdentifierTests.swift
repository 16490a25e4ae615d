import Secrets
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    private enum Apple {}
    private enum Pear {}

    @Test("A new identifier is a random UUID in lower case, with the bits of version 4")
    func form() throws {
        let zero = Identifier(random: FixedRandomSource())
        #expect(zero.description == "00010203-0405-4607-8809-0a0b0c0d0e0f")
        for _ in 0..<100 {
            let text = Array(Identifier(random: SystemRandomSource()).description)
            #expect(text.count == 36 && text[14] == "4" && "89ab".contains(text[19]))
        }
    }

    @Test("An identifier with its time begins with it, sorts by it, and has the bits of version 7")
    func timed() {
        let first = Identifier(random: FixedRandomSource(start: 200), at: UnixTime(seconds: 1_645_557_742))
        #expect(first.description.hasPrefix("017f22e2-79b0-7") && "89ab".contains(Array(first.description)[19]))
        let later = Identifier(random: FixedRandomSource(), at: UnixTime(seconds: 1_645_557_743))
        #expect(first.description < later.description)
        let twin = Identifier(random: SystemRandomSource(), at: UnixTime(seconds: 1_645_557_743))
        #expect(twin != later)
    }

    @Test("Ten thousand identifiers are all different, and each is read back")
    func unique() {
        let all = (0..<10_000).map { _ in Identifier(random: SystemRandomSource()) }
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { Identifier($0.description) == $0 })
    }

    @Test(
        "Only the one spelling is read",
        arguments: [
            "", "00010203-0405-4607-8809-0A0B0C0D0E0F", "000102030405460788090a0b0c0d0e0f",
            "{00010203-0405-4607-8809-0a0b0c0d0e0f}", "00010203-0405-4607-8809-0a0b0c0d0e0",
            " 0010203-0405-4607-8809-0a0b0c0d0e0f", "00010203-0405-4607-8809-0a0b0c0d0e0f ",
            "0001020304-05-4607-8809-0a0b0c0d0e0f", "g0010203-0405-4607-8809-0a0b0c0d0e0f",
            "00010203-0405-4607-8809-0a0b0c0d0e0é", "00010203-0405-4607-8809-0a0b0c0d0eé",
        ]
    )
    func refused(text: String) {
        #expect(Identifier(text) == nil)
        #expect(ID<Apple>(text) == nil)
    }

    @Test("A typed identifier prints, compares and reads as the identifier in it")
    func typed() throws {
        let id = ID<Apple>(random: SystemRandomSource())
        #expect(ID<Apple>("\(id)") == id)
        #expect(ID<Pear>(id.description)?.identifier == id.identifier)
    }
}
