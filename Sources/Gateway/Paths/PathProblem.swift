/// Why a path is not looked at further: a proxy, the portal and the application might each read another page in it.
package enum PathProblem: String, Sendable, CaseIterable {
    case notAbsolute = "not_absolute"
    case tooLong = "too_long"
    case controlCharacter = "control_character"
    case brokenEncoding = "broken_encoding"
    /// An encoded slash, backslash, question mark, number sign or percent sign, or a semicolon in any spelling.
    case encodedDelimiter = "encoded_delimiter"
    case backslash
    case parameter
    case aboveRoot = "above_root"
    /// Only where rules for paths are compared.
    case dotSegment = "dot_segment"
    case doubleSlashes = "double_slashes"
    case trailingDot = "trailing_dot"
    /// A letter that some systems turn into a delimiter or a dot, or one that cannot be seen.
    case lookalike

    package var sentence: String {
        switch self {
        case .notAbsolute: "The path does not begin with a slash."
        case .tooLong: "The path is too long."
        case .controlCharacter: "The path holds a control character."
        case .brokenEncoding: "The path holds a broken percent sign or text that is no UTF-8."
        case .encodedDelimiter:
            "The path holds an encoded slash, backslash, semicolon, percent, question or number sign."
        case .backslash: "The path holds a backslash."
        case .parameter: "The path holds a semicolon."
        case .aboveRoot: "The path leads above its own root."
        case .dotSegment: "A part of the path is one or two dots."
        case .doubleSlashes: "The path holds too many double slashes."
        case .trailingDot: "A part of the path ends with a dot, or begins or ends with a blank."
        case .lookalike: "The path holds a letter that some systems take for another sign, such as a slash or a dot."
        }
    }
}

extension PathProblem: Error {}
