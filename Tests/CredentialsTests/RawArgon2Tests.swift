import Credentials
import Secrets
import Testing

@Suite("Argon2id")
struct RawArgon2Tests {
    /// From the reference implementation's own tests: "password", "somesalt".
    static let vectors: [(UInt32, UInt32, UInt32, String, String)] = [
        (65_536, 2, 1, "password", "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
        (256, 2, 1, "password", "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (256, 2, 2, "password", "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
        (65_536, 1, 1, "password", "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98"),
        (65_536, 2, 1, "differentpassword", "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde"),
    ]

    @Test("The vectors of the reference implementation", arguments: vectors)
    func vector(memoryKiB: UInt32, passes: UInt32, lanes: UInt32, password: String, expected: String) throws {
        let parameters = try #require(Argon2Parameters(memoryKiB: memoryKiB, passes: passes, lanes: lanes))
        var argon2 = RawArgon2()
        let tag = argon2.tag(of: Password(utf8: password), salt: Array("somesalt".utf8), parameters: parameters)
        #expect(hex(tag) == expected)
    }

    @Test("Memory kept from one hash to the next changes no result, whatever the sizes")
    func reuse() throws {
        var argon2 = RawArgon2()
        for memoryKiB: UInt32 in [256, 65_536, 256, 1024, 256] {
            let parameters = try #require(Argon2Parameters(memoryKiB: memoryKiB, passes: 2, lanes: 1))
            let tag = argon2.tag(of: Password(utf8: "password"), salt: Array("somesalt".utf8), parameters: parameters)
            var fresh = RawArgon2()
            let again = fresh.tag(of: Password(utf8: "password"), salt: Array("somesalt".utf8), parameters: parameters)
            #expect(tag != nil && tag == again)
        }
    }

    @Test("A hash leaves no trace in its memory once it is wiped, also of a larger one before it")
    func wiping() throws {
        var argon2 = RawArgon2()
        for memoryKiB: UInt32 in [1024, 256] {
            let parameters = try #require(Argon2Parameters(memoryKiB: memoryKiB, passes: 1, lanes: 1))
            let password = Password(utf8: "password")
            let kept = argon2.tagBeforeWiping(
                of: password,
                salt: Array("somesalt".utf8),
                parameters: parameters,
                byteCount: 32
            )
            let isClear = argon2.isClear
            #expect(kept != nil && isClear == !RawArgon2.wipesLater)
        }
        argon2.wipe()
        let isClear = argon2.isClear
        #expect(isClear)
        let tag = argon2.tag(of: Password(utf8: "password"), salt: Array("somesalt".utf8), parameters: .current)
        let isClearAgain = argon2.isClear
        #expect(tag != nil && isClearAgain)
    }

    @Test("What the library refuses is no tag")
    func refused() throws {
        var argon2 = RawArgon2()
        let parameters = try #require(Argon2Parameters(memoryKiB: 256, passes: 1, lanes: 1))
        let shortSalt = argon2.tag(of: Password(utf8: "x"), salt: [1, 2, 3], parameters: parameters)
        let noPassword = argon2.tag(of: Password(utf8: ""), salt: Array(1...8), parameters: parameters)
        #expect(shortSalt == nil)
        #expect(noPassword?.count == 32)
    }

    private func hex(_ bytes: [UInt8]?) -> String? {
        bytes?.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
