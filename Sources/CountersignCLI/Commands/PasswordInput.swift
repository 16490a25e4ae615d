import Accounts
import ArgumentParser
import Credentials
import Foundation
import Secrets

/// The one way in which a password reaches a command: on standard input.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from standard input; one final newline is dropped.")
    var passwordStdin = false

    func validate() throws {
        guard passwordStdin else {
            throw ValidationError("Give the password on standard input, with --password-stdin.")
        }
    }
}

/// Reads and judges a password that was piped in.
enum PasswordInput {
    /// Far more than a password may have, so that a wrong file is refused and not read for ever.
    private static let byteLimit = 64 * 1024

    /// The password, if `login` may use it.
    static func read(for login: String) throws -> Password {
        var bytes = Data()
        while bytes.count <= byteLimit {
            let more: Data?
            do {
                more = try FileHandle.standardInput.read(upToCount: byteLimit + 1 - bytes.count)
            } catch {
                throw CommandFailure("The password cannot be read from standard input.")
            }
            guard let more, !more.isEmpty else { break }
            bytes.append(more)
        }
        let text = try text(of: [UInt8](bytes))
        if let refusal = PasswordPolicy.standard.refusal(of: text, login: login) {
            throw CommandFailure(sentence(refusal))
        }
        return Password(utf8: text)
    }

    /// The same text as the portal's form makes of it, so that it signs in there.
    static func text(of bytes: [UInt8]) throws -> String {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
        if bytes.count > PasswordPolicy.maximumBytes { throw CommandFailure(sentence(.tooLong)) }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("The password on standard input is not text in UTF-8.")
        }
        guard !text.contains(where: \.isNewline) else {
            throw CommandFailure("The password on standard input has more than one line.")
        }
        return NormalizedText.nfc(text)
    }

    private static func sentence(_ refusal: PasswordRefusal) -> String {
        switch refusal {
        case .tooShort(let minimum):
            "The password needs at least \(minimum) characters; several words make a good one."
        case .tooLong: "The password must have at most \(PasswordPolicy.maximumBytes) bytes."
        case .common: "The password is one of those that are tried first; choose another one."
        case .containsLogin: "The password must not contain the login."
        case .repetition: "The password needs more different characters."
        case .notRepeated, .unchanged: "The password cannot be used; choose another one."
        }
    }
}
