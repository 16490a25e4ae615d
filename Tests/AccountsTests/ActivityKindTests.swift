import Accounts
import Testing

@Suite("The activity log")
struct ActivityKindTests {
    @Test("Every kind is a sentence that names who it is about", arguments: ActivityKind.allCases)
    func sentence(kind: ActivityKind) {
        let text = kind.sentence(actor: "Ana", subject: "Ben")
        #expect(!text.isEmpty)
        #expect(kind == .unknownLoginRefused || text.contains("Ana"))
    }

    @Test("What the database holds of a kind is lower case words, each once")
    func names() {
        let names = ActivityKind.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0 == "_" || ("a"..."z").contains($0) } })
    }
}
