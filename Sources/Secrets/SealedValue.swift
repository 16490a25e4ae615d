import Crypto

/// The one place that a sealed value belongs to. A value copied to another row, column or table does not open there.
package struct SealContext: Hashable, Sendable {
    package let table: String
    package let column: String
    package let row: String

    package init(table: String, column: String, row: String) {
        self.table = table
        self.column = column
        self.row = row
    }

    /// The associated data of the seal. Each part is led by its length, so that no two places give the same bytes:
    /// ("ab", "c") and ("a", "bc") would without it.
    var associatedData: [UInt8] {
        var bytes = Array("countersign seal v1".utf8)
        for part in [table, column, row] {
            let utf8 = Array(part.utf8)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: utf8.count >> shift))
            }
            bytes += utf8
        }
        return bytes
    }
}

/// A secret as the database holds it: length of the key's id, key id, nonce, ciphertext, tag.
package struct SealedValue: Hashable, Sendable {
    package let bytes: [UInt8]

    /// Takes bytes out of a row; whether they are a sealed value turns out at opening.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The key that is needed to open it, nil if the bytes are no sealed value.
    package var keyID: KeyID? {
        guard let count = bytes.first, bytes.count > Int(count) else { return nil }
        return KeyID(String(decoding: bytes[1..<1 + Int(count)], as: UTF8.self))
    }
}

/// The reason for which a value could not be sealed or opened. Whatever it is, the answer to the person is a refusal:
/// a secret that does not open never means that there is none.
package enum SealError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are no sealed value.
    case malformed
    /// The ring lacks the key that the value names.
    case unknownKey(KeyID)
    /// The value was changed, belongs to another place, or another key has the same id.
    case notAuthentic
    /// The cipher itself failed while sealing.
    case sealingFailed

    package var description: String {
        switch self {
        case .malformed: "The stored bytes are not a sealed value."
        case .unknownKey(let id): "The value is sealed under key \(id), which the key file does not hold."
        case .notAuthentic: "The sealed value was changed, moved, or sealed under another key of the same name."
        case .sealingFailed: "The value could not be sealed."
        }
    }
}

extension KeyRing {
    /// Encrypts a secret under the current key for one place (AES-256-GCM, a random 96-bit nonce).
    package func seal(
        _ bytes: [UInt8],
        in context: SealContext,
        random source: some RandomSource = SystemRandomSource()
    ) throws(SealError) -> SealedValue {
        do {
            let box = try AES.GCM.seal(
                bytes,
                using: current.material,
                nonce: AES.GCM.Nonce(data: source.bytes(12)),
                authenticating: context.associatedData
            )
            let id = Array(current.id.description.utf8)
            let header = [UInt8(truncatingIfNeeded: id.count)] + id
            return SealedValue(bytes: header + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag))
        } catch {
            throw .sealingFailed
        }
    }

    /// Decrypts a secret, provided that it was sealed for this very place.
    package func open(_ value: SealedValue, in context: SealContext) throws(SealError) -> [UInt8] {
        guard let id = value.keyID else { throw .malformed }
        guard let key = key(id) else { throw .unknownKey(id) }
        let combined = Array(value.bytes.dropFirst(1 + id.description.utf8.count))
        guard let box = try? AES.GCM.SealedBox(combined: combined) else { throw .malformed }
        do {
            return Array(try AES.GCM.open(box, using: key.material, authenticating: context.associatedData))
        } catch {
            throw .notAuthentic
        }
    }
}
