import Crypto
import Foundation
package import Secrets

/// The key ring as a file beside the database: JSON, for its owner only.
///
///     {"current": "5e2f00a1", "keys": [{"id": "5e2f00a1", "key": "<base64>", "created": 1790000000}]}
package struct KeyFile: Sendable {
    package let ring: KeyRing
    /// When each key was made, to tell which ones are old.
    package let created: [KeyID: UnixTime]

    /// Far more than a ring of a hundred keys.
    private static let byteLimit = 65_536

    private struct Document: Codable {
        struct Entry: Codable {
            let id: String
            let key: Data
            let created: Int64
        }

        let current: String
        let keys: [Entry]
    }

    private init(ring: KeyRing, created: [KeyID: UnixTime]) {
        self.ring = ring
        self.created = created
    }

    /// A new ring, not yet on the disk.
    package init(random source: some RandomSource, now: UnixTime) {
        ring = KeyRing(random: source)
        created = [ring.current.id: now]
    }

    /// This ring with one more key, which becomes the current one; not yet on the disk.
    package func rotated(random source: some RandomSource, now: UnixTime) throws(KeyRingError) -> KeyFile {
        let ring = try ring.rotated(random: source)
        return KeyFile(ring: ring, created: created.merging([ring.current.id: now]) { _, new in new })
    }

    // MARK: On the disk

    package static func load(_ path: String) throws(KeyFileError) -> KeyFile {
        let content: DurableFile.Content
        do throws(SystemFailure) {
            content = try DurableFile.read(path, limit: byteLimit + 1)
        } catch {
            throw keyFileError(error, path)
        }
        guard content.isRegular else { throw .notARegularFile(path: path) }
        guard !content.isOpenToOthers else { throw .openToOthers(path: path) }
        return try KeyFile(decoding: content.bytes, path: path)
    }

    /// Writes the file, which must not exist yet: overwriting keys would lose every secret sealed under them.
    package func create(_ path: String) throws(KeyFileError) {
        do throws(SystemFailure) {
            try DurableFile.create(path, encoded, suffix: Self.draftSuffix)
        } catch {
            throw Self.keyFileError(error, path)
        }
    }

    /// Puts this ring in the place of the one on the disk, which it should have grown from.
    package func replace(_ path: String) throws(KeyFileError) {
        do throws(SystemFailure) {
            try DurableFile.replace(path, encoded, suffix: Self.draftSuffix)
        } catch {
            throw Self.keyFileError(error, path)
        }
    }

    /// A name for the draft that no other process uses, and that a crash does not block the next start with.
    private static var draftSuffix: String {
        ".\(KeyID(random: SystemRandomSource())).new"
    }

    private static func keyFileError(_ failure: SystemFailure, _ path: String) -> KeyFileError {
        switch failure.code {
        case ENOENT where failure.action == "open": .notFound(path: path)
        case EEXIST: .alreadyExists(path: path)
        default: .systemFailure(path: path, action: failure.action, reason: failure.reason)
        }
    }
}

extension KeyFile {
    /// The content of the file.
    package var encoded: [UInt8] {
        let entries = ring.keys.map { key in
            Document.Entry(
                id: key.id.description,
                key: unsafe key.material.withUnsafeBytes { unsafe Data($0) },
                created: created[key.id]?.seconds ?? 0
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            return try Array(encoder.encode(Document(current: ring.current.id.description, keys: entries))) + [0x0A]
        } catch {
            preconditionFailure("Strings, bytes and integers can be written as JSON.")
        }
    }

    /// Reads the content of a file; `path` is for the error only.
    package init(decoding bytes: [UInt8], path: String) throws(KeyFileError) {
        guard bytes.count <= Self.byteLimit else { throw .malformed(path: path, reason: "It is too long.") }
        // The decoder's own message may quote what it read, and that may be a key.
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
            throw .malformed(path: path, reason: "It is not JSON of the expected form.")
        }
        let badName = "The name of a key is not made of 1 to 16 lower case letters and digits."
        guard let currentID = KeyID(document.current) else {
            throw .malformed(path: path, reason: badName)
        }
        var entries: [(id: KeyID, entry: Document.Entry)] = []
        for entry in document.keys {
            guard let id = KeyID(entry.id) else {
                throw .malformed(path: path, reason: badName)
            }
            entries.append((id, entry))
        }
        do throws(KeyRingError) {
            var keys: [KeyRing.Key] = []
            for (id, entry) in entries {
                keys.append(try KeyRing.Key(id: id, material: SymmetricKey(data: entry.key)))
            }
            ring = try KeyRing(keys: keys, currentID: currentID)
            created = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, UnixTime(seconds: $0.entry.created)) })
        } catch {
            throw .malformed(path: path, reason: error.description)
        }
    }
}
