import Secrets
import Testing

@Suite("Password hash")
struct PasswordHashTests {
    static let salt = "AAECAwQFBgcICQoLDA0ODw"
    static let tag = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    static let example = "$argon2id$v=19$m=19456,t=2,p=1$\(salt)$\(tag)"

    @Test("The PHC form is read and written")
    func roundTrip() throws {
        let hash = try #require(PasswordHash(phc: Self.example))
        #expect(hash.parameters == .current)
        #expect(hash.salt == Array(0..<16))
        #expect(hash.tag == Array(0..<32))
        #expect(hash.phc == Self.example)
    }

    @Test(
        "Other algorithms, other spellings and costs beyond the limits are refused",
        arguments: [
            "", "$", "$$$$$", example + "$", "x" + example, example + "\n",
            "$argon2i$v=19$m=19456,t=2,p=1$\(salt)$\(tag)",
            "$argon2d$v=19$m=19456,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=16$m=19456,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$m=19456,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$t=2,m=19456,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=+19456,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=019456,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=-1,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=2$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=1,x=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=7,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=8,t=2,p=2$\(salt)$\(tag)",
            "$argon2id$v=19$m=262145,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=4294967296,t=2,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=0,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=17,p=1$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=0$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=9$\(salt)$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=1$\(salt)$",
            "$argon2id$v=19$m=19456,t=2,p=1$$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=1$\(salt)==$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=1$\(salt)$AAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAA$\(tag)",
            "$argon2id$v=19$m=19456,t=2,p=1$\(salt)$\(tag.dropLast())9",
        ]
    )
    func refused(phc: String) {
        #expect(PasswordHash(phc: phc) == nil)
    }
}
