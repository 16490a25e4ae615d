import Foundation
import OneTimePassword
import QRCode
import Testing

@Suite("QR symbol")
struct QRSymbolTests {
    static let texts = [
        "a",
        "otpauth://totp/Countersign:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Countersign",
        "Größe 日本語",
        String(repeating: "x", count: 500),
    ]

    @Test("S-17: what a scanner reads from the drawn symbol is the text", arguments: texts)
    func scan(text: String) throws {
        #expect(try Scanner.read(QRSymbol(text: text).svg(title: "QR code")) == text)
    }

    @Test(
        "URI-6, D16: a key URI with any names is read back from the drawn symbol",
        arguments: [
            "ada", "x?secret=AAAA&issuer=Bank", "a:b", "%", "#", "\u{202E}ada", String(repeating: "ä", count: 300),
        ]
    )
    func scanKeyURI(accountName: String) throws {
        let secret = try OTPSharedSecret(bytes: Array(1...20))
        let uri = OTPKeyURI(issuer: "Countersign", accountName: accountName, secret: secret).string
        #expect(try Scanner.read(QRSymbol(text: uri).svg(title: "QR code")) == uri)
    }

    @Test("The element needs no style, has its quiet zone inside the viewBox, and says what it is")
    func element() throws {
        let symbol = try QRSymbol(text: "a")
        let svg = symbol.svg(title: "Key <for> \"A & B\"'s")
        #expect(symbol.size == 21)
        #expect(svg.hasPrefix(#"<svg id="totp-qr" "#))
        #expect(svg.contains(#"viewBox="0 0 29 29" role="img" aria-labelledby="totp-qr-title""#))
        #expect(svg.contains(#"shape-rendering="crispEdges""#))
        #expect(svg.contains(#"<title id="totp-qr-title">Key &lt;for&gt; &quot;A &amp; B&quot;&#39;s</title>"#))
        #expect(svg.contains(##"<rect width="29" height="29" fill="#fff"/>"##))
        #expect(!svg.contains("style"))
        #expect(svg.components(separatedBy: "<path").count == 2)
        #expect(svg.contains("d=\"M4 4h7v1h-7z"))
    }

    @Test("The id is the caller's, escaped like everything else")
    func identifier() throws {
        let svg = try QRSymbol(text: "a").svg(id: #"x" onload="y"#, title: "t")
        #expect(svg.hasPrefix("<svg id=\"x&quot; onload=&quot;y\" "))
    }

    @Test("The terminal's half blocks show the same modules", arguments: texts)
    func terminal(text: String) throws {
        let symbol = try QRSymbol(text: text)
        let lines = symbol.terminalText.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        let side = symbol.size + 2 * QRSymbol.quietZone
        #expect(lines.count == (side + 1) / 2)
        #expect(lines.allSatisfy { $0.count == side })
        for row in 0..<side {
            for column in 0..<side {
                let lit: [Character] = row.isMultiple(of: 2) ? ["█", "▀"] : ["█", "▄"]
                let isDark = symbol.isDark(column: column - QRSymbol.quietZone, row: row - QRSymbol.quietZone)
                #expect(lit.contains(lines[row / 2][column]) != isDark)
            }
        }
    }

    @Test("No text and too much text are refused, the largest possible text is drawn")
    func limits() throws {
        #expect(throws: QRSymbol.EncodingError.empty) { try QRSymbol(text: "") }
        #expect(throws: QRSymbol.EncodingError.tooLong) { try QRSymbol(text: String(repeating: "x", count: 2332)) }
        #expect(try QRSymbol(text: String(repeating: "x", count: 2331)).size == 177)
    }
}
