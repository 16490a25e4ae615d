/// The cost of one Argon2id computation.
///
/// The limits bound what a row that was tampered with can make the server spend.
package struct Argon2Parameters: Hashable, Sendable {
    package let memoryKiB: UInt32
    package let passes: UInt32
    package let lanes: UInt32

    /// What new hashes are made with: 19 MiB, two passes, one lane, the least that OWASP recommends.
    package static let current = Argon2Parameters(uncheckedMemoryKiB: 19_456, passes: 2, lanes: 1)

    /// At most 256 MiB, 16 passes and 8 lanes; at least what Argon2 itself needs.
    package init?(memoryKiB: UInt32, passes: UInt32, lanes: UInt32) {
        guard (1...8).contains(lanes), (1...16).contains(passes), (8 * lanes...262_144).contains(memoryKiB) else {
            return nil
        }
        self.init(uncheckedMemoryKiB: memoryKiB, passes: passes, lanes: lanes)
    }

    private init(uncheckedMemoryKiB memoryKiB: UInt32, passes: UInt32, lanes: UInt32) {
        self.memoryKiB = memoryKiB
        self.passes = passes
        self.lanes = lanes
    }
}

/// A stored password hash: Argon2id version 1.3 with its parameters, salt and tag.
package struct PasswordHash: Hashable, Sendable {
    package let parameters: Argon2Parameters
    package let salt: [UInt8]
    package let tag: [UInt8]

    /// A salt of 8 to 64 bytes and a tag of 16 to 64 bytes.
    package init?(parameters: Argon2Parameters, salt: [UInt8], tag: [UInt8]) {
        // A short tag would be met by chance, an empty one by every password.
        guard (8...64).contains(salt.count), (16...64).contains(tag.count) else { return nil }
        self.parameters = parameters
        self.salt = salt
        self.tag = tag
    }

    /// Reads the one spelling that `phc` writes.
    package init?(phc: String) {
        let parts = phc.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1].elementsEqual("argon2id".utf8),
            parts[2].elementsEqual("v=19".utf8),
            let parameters = Self.parameters(in: parts[3]),
            let salt = Base64.standard.decode(parts[4]),
            let tag = Base64.standard.decode(parts[5])
        else { return nil }
        self.init(parameters: parameters, salt: salt, tag: tag)
    }

    /// The form in the database, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`, which every Argon2 library reads.
    package var phc: String {
        let cost = "m=\(parameters.memoryKiB),t=\(parameters.passes),p=\(parameters.lanes)"
        return "$argon2id$v=19$\(cost)$\(Base64.standard.encode(salt))$\(Base64.standard.encode(tag))"
    }

    private static func parameters(in text: Substring.UTF8View) -> Argon2Parameters? {
        let parts = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parts.count == 3,
            let memoryKiB = number("m=", in: parts[0]),
            let passes = number("t=", in: parts[1]),
            let lanes = number("p=", in: parts[2])
        else { return nil }
        return Argon2Parameters(memoryKiB: memoryKiB, passes: passes, lanes: lanes)
    }

    private static func number(_ name: String, in text: Substring.UTF8View) -> UInt32? {
        guard text.starts(with: name.utf8) else { return nil }
        let digits = String(decoding: text.dropFirst(name.utf8.count), as: UTF8.self)
        // `UInt32` also reads "+2" and "02".
        guard let value = UInt32(digits), String(value) == digits else { return nil }
        return value
    }
}

extension PasswordHash: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "PasswordHash(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
