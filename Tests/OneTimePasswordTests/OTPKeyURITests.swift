import Foundation
import OneTimePassword
import Testing

@Suite("Key URI")
struct OTPKeyURITests {
    @Test("S-13: the address has the form that authenticator apps read")
    func form() throws {
        let uri = OTPKeyURI(issuer: "Countersign", accountName: "ada", secret: try TestSecrets.rfc4226)
        #expect(
            uri.string
                == "otpauth://totp/Countersign:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Countersign"
                + "&algorithm=SHA1&digits=6&period=30"
        )
    }

    static let names = [
        "ada", "Ada Lovelace", "ada+test@example.org", "x?secret=AAAA&issuer=Bank", "a&b=c", "%", "%26", "#", "/../",
        "a/b",
        "\u{202E}ada", "ada\u{0301}", "日本語", "👩‍💻", "\"<script>'", "a\\b", "a\nb", "a\u{0}b", "", "~-._",
        String(repeating: "ä", count: 300),
    ]

    @Test("D16: names chosen by people come back as they are and add no parameter", arguments: names, names)
    func strangeNames(issuer: String, account: String) throws {
        let secret = try TestSecrets.rfc4226
        let text = OTPKeyURI(issuer: issuer, accountName: account, secret: secret).string
        let components = try #require(URLComponents(string: text))
        #expect(components.scheme == "otpauth")
        #expect(components.host == "totp")
        #expect(components.fragment == nil)
        #expect(components.path == "/\(issuer):\(account)")
        #expect(components.queryItems?.map(\.name) == ["secret", "issuer", "algorithm", "digits", "period"])
        #expect(components.queryItems?.map(\.value) == [secret.base32, issuer, "SHA1", "6", "30"])
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:/?&=")
        #expect(text.allSatisfy(allowed.contains))
    }

    @Test("URI-1, D16: a colon inside a part is replaced, so that a label has one colon only")
    func colons() throws {
        let uri = OTPKeyURI(issuer: "a:b", accountName: "c:d:", secret: try TestSecrets.rfc4226)
        #expect(uri.issuer == "a-b")
        #expect(uri.accountName == "c-d-")
        #expect(uri.string.hasPrefix("otpauth://totp/a-b:c-d-?"))
        #expect(uri.string.contains("&issuer=a-b&"))
        #expect(!uri.string.contains("%3A"))
    }
}
