import Crypto
import Secrets
import Testing

@Suite("Key ring and sealed values")
struct KeyRingTests {
    let ring = KeyRing(random: SystemRandomSource())
    let place = SealContext(table: "authenticators", column: "secret", row: "1")
    let secret: [UInt8] = Array("a secret of twenty b".utf8)

    @Test("What was sealed for a place opens there", arguments: [0, 1, 16, 20, 1000])
    func roundTrip(count: Int) throws {
        let bytes = SystemRandomSource().bytes(count)
        let sealed = try ring.seal(bytes, in: place)
        #expect(try ring.open(sealed, in: place) == bytes)
        #expect(sealed.keyID == ring.current.id)
        #expect(sealed.bytes.count == 1 + 8 + 12 + count + 16)
    }

    @Test("The same secret is sealed differently each time")
    func nonces() throws {
        let all = try (0..<1000).map { _ in try ring.seal(secret, in: place) }
        #expect(Set(all).count == all.count)
    }

    @Test(
        "A sealed value opens at no other place, not even where the parts joined together are the same",
        arguments: [
            ("authenticators", "secret", "2"), ("authenticators", "secre", "t1"), ("authenticator", "ssecret", "1"),
            ("users", "secret", "1"), ("authenticators", "other", "1"), ("authenticators", "secret", ""),
            ("authenticatorssecret", "", "1"), ("", "", ""),
        ]
    )
    func otherPlace(table: String, column: String, row: String) throws {
        let sealed = try ring.seal(secret, in: place)
        #expect(throws: SealError.notAuthentic) {
            try ring.open(sealed, in: SealContext(table: table, column: column, row: row))
        }
    }

    @Test("B11, K11: a value with any one bit changed or cut short never opens")
    func tampering() throws {
        let sealed = try ring.seal(secret, in: place)
        for index in sealed.bytes.indices {
            for bit in 0..<8 {
                var bytes = sealed.bytes
                bytes[index] ^= 1 << bit
                #expect(throws: SealError.self) { try ring.open(SealedValue(bytes: bytes), in: place) }
            }
            #expect(throws: SealError.self) {
                try ring.open(SealedValue(bytes: Array(sealed.bytes.prefix(index))), in: place)
            }
        }
        #expect(throws: SealError.malformed) { try ring.open(SealedValue(bytes: []), in: place) }
        #expect(throws: SealError.malformed) { try ring.open(SealedValue(bytes: [255, 1]), in: place) }
        #expect(throws: SealError.malformed) { try ring.open(SealedValue(bytes: [0]), in: place) }
    }

    @Test("After a new key older values still open, and new ones are sealed under the new key")
    func rotation() throws {
        let old = try ring.seal(secret, in: place)
        let rotated = try ring.rotated(random: SystemRandomSource())
        let new = try rotated.seal(secret, in: place)
        #expect(try rotated.open(old, in: place) == secret)
        #expect(try rotated.open(new, in: place) == secret)
        #expect(new.keyID == rotated.current.id && new.keyID != old.keyID)
        #expect(rotated.keys.map(\.id) == [ring.current.id, rotated.current.id])
        #expect(throws: SealError.unknownKey(rotated.current.id)) { try ring.open(new, in: place) }
    }

    @Test("Another key of the same name does not open a value")
    func sameName() throws {
        let other = try KeyRing(
            keys: [KeyRing.Key(id: ring.current.id, material: SymmetricKey(size: .bits256))],
            currentID: ring.current.id
        )
        let sealed = try ring.seal(secret, in: place)
        #expect(throws: SealError.notAuthentic) { try other.open(sealed, in: place) }
    }

    @Test("Keys that make no ring are refused")
    func badRings() throws {
        let id = try #require(KeyID("a1"))
        let other = try #require(KeyID("b2"))
        let key = try KeyRing.Key(id: id, material: SymmetricKey(size: .bits256))
        #expect(throws: KeyRingError.empty) { try KeyRing(keys: [], currentID: id) }
        #expect(throws: KeyRingError.duplicateKey(id)) { try KeyRing(keys: [key, key], currentID: id) }
        #expect(throws: KeyRingError.currentKeyMissing(other)) { try KeyRing(keys: [key], currentID: other) }
        #expect(throws: KeyRingError.wrongKeyLength(id)) {
            try KeyRing.Key(id: id, material: SymmetricKey(size: .bits128))
        }
    }

    @Test(
        "The name of a key is up to sixteen lower case letters and digits",
        arguments: ["", "A1", "a-1", "ä", " a", "0123456789abcdefg"]
    )
    func badNames(text: String) {
        #expect(KeyID(text) == nil)
    }

    @Test("A keyed digest is the same for the same text, also after a new key, and another under another ring")
    func keyedDigest() throws {
        let digest = ring.keyedDigest(of: "hunter2")
        #expect(digest == ring.keyedDigest(of: "hunter2"))
        #expect(digest == (try ring.rotated(random: SystemRandomSource())).keyedDigest(of: "hunter2"))
        #expect(digest != ring.keyedDigest(of: "hunter3"))
        #expect(digest != KeyRing(random: SystemRandomSource()).keyedDigest(of: "hunter2"))
        #expect(digest.bytes != Array(SHA256.hash(data: Array("hunter2".utf8))))
        #expect(digest.bytes.count == 32)
    }
}
