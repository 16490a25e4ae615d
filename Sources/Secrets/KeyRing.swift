package import Crypto

/// The short public name of a key in a ring; it travels with every value sealed under that key.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Up to 16 lower case letters and digits.
    package init?(_ text: String) {
        let isAllowed = { (character: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
        }
        guard (1...16).contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) else { return nil }
        description = text
    }

    package init(random source: some RandomSource) {
        let hexDigits = Array("0123456789abcdef".unicodeScalars)
        var scalars = String.UnicodeScalarView()
        for byte in source.bytes(4) {
            scalars.append(hexDigits[Int(byte >> 4)])
            scalars.append(hexDigits[Int(byte & 0x0F)])
        }
        description = String(scalars)
    }
}

/// The reason for which keys do not make a ring.
package enum KeyRingError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case wrongKeyLength(KeyID)
    case duplicateKey(KeyID)
    case currentKeyMissing(KeyID)

    package var description: String {
        switch self {
        case .empty: "It holds no key."
        case .wrongKeyLength(let id): "Key \(id) is not 256 bits long."
        case .duplicateKey(let id): "Key \(id) is there twice."
        case .currentKeyMissing(let id): "The current key \(id) is not there."
        }
    }
}

/// The keys that reversible secrets are sealed under: one to seal with, all of them to open with.
///
/// Keys are kept in the order of their making and a new one goes to the end, so that keys can be changed while values
/// sealed under older ones still open.
package struct KeyRing: Sendable {
    package struct Key: Sendable {
        package static let byteCount = 32

        package let id: KeyID
        package let material: SymmetricKey

        package init(id: KeyID, material: SymmetricKey) throws(KeyRingError) {
            guard material.bitCount == Self.byteCount * 8 else { throw .wrongKeyLength(id) }
            self.id = id
            self.material = material
        }

        package init(random source: some RandomSource) {
            let bytes = source.bytes(Self.byteCount)
            precondition(bytes.count == Self.byteCount, "A random source gives as many bytes as it is asked for.")
            id = KeyID(random: source)
            material = SymmetricKey(data: bytes)
        }
    }

    /// All keys, the oldest first.
    package let keys: [Key]
    package let current: Key
    /// For digests of texts that are too short to be hashed without a key.
    private let digestKey: SymmetricKey

    package init(keys: [Key], currentID: KeyID) throws(KeyRingError) {
        guard let first = keys.first else { throw .empty }
        var seen: Set<KeyID> = []
        for key in keys {
            guard seen.insert(key.id).inserted else { throw .duplicateKey(key.id) }
        }
        guard let current = keys.first(where: { $0.id == currentID }) else { throw .currentKeyMissing(currentID) }
        self.init(keys: keys, current: current, first: first)
    }

    /// A new ring of one key.
    package init(random source: some RandomSource) {
        let key = Key(random: source)
        self.init(keys: [key], current: key, first: key)
    }

    private init(keys: [Key], current: Key, first: Key) {
        self.keys = keys
        self.current = current
        digestKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: first.material,
            info: Array("countersign keyed digest v1".utf8),
            outputByteCount: 32
        )
    }

    package func key(_ id: KeyID) -> Key? {
        keys.first { $0.id == id }
    }

    /// This ring with one more key, which becomes the current one.
    package func rotated(random source: some RandomSource) throws(KeyRingError) -> KeyRing {
        let key = Key(random: source)
        return try KeyRing(keys: keys + [key], currentID: key.id)
    }

    /// The digest of a text that must be recognised again but not read, such as an unknown login: people type
    /// passwords there, so a digest without a key could be guessed from a word list.
    ///
    /// It depends on the oldest key and so stays the same when a new one is added.
    package func keyedDigest(of text: String) -> KeyedDigest {
        KeyedDigest(bytes: Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: digestKey)))
    }
}

/// An HMAC-SHA256 under a key of the ring.
package struct KeyedDigest: Hashable, Sendable {
    package let bytes: [UInt8]
}

extension KeyRing.Key: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Key(\(id), redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KeyRing: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "KeyRing(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
