import CQRencode

/// A QR symbol: a square of dark and light modules.
package struct QRSymbol: Sendable {
    /// The reason for which a text cannot be drawn.
    package enum EncodingError: Error, Hashable, Sendable {
        case empty
        /// More bytes than the largest symbol holds at this level of error correction (2,331).
        case tooLong
        case failed
    }

    /// The width of the light border that scanners need around a symbol, in modules.
    package static let quietZone = 4

    /// The number of modules along one side, without the quiet zone.
    package let size: Int
    private let darkModules: [Bool]

    /// Encodes the UTF-8 of a text, with error correction level M: it survives glare and a scratched screen.
    package init(text: String) throws(EncodingError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= 2331 else { throw .tooLong }
        guard let code = unsafe QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { throw .failed }
        defer { unsafe QRcode_free(code) }
        let size = Int(unsafe code.pointee.width)
        // The lowest bit is the colour; the others say what a module is for.
        let modules = unsafe UnsafeBufferPointer(start: code.pointee.data, count: size * size)
        self.size = size
        darkModules = unsafe modules.map { $0 & 1 == 1 }
    }

    /// Whether a module is dark; everything outside of the symbol is light.
    package func isDark(column: Int, row: Int) -> Bool {
        guard (0..<size).contains(column), (0..<size).contains(row) else { return false }
        return darkModules[row * size + column]
    }
}
