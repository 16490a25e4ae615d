import Foundation
import Secrets
import Synchronization

/// Names one answer of forward-auth: 128 random bits, which are the key to what is remembered of it.
struct OperationID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    private static let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)
    private static let digitCount = 26

    /// Reads `NODE-DIGITS`, as `text` writes it, and the digits alone.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 64 else { return nil }
        let bytes = Array(text.utf8)
        let utf8 = bytes.suffix(Self.digitCount)
        let node = bytes.dropLast(Self.digitCount)
        guard utf8.count == Self.digitCount, node.isEmpty || node.last == UInt8(ascii: "-") else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for (place, character) in utf8.enumerated() {
            guard let digit = Self.digits.firstIndex(of: character), place > 0 || digit < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }

    /// With the name of the node that remembers it: another one does not.
    func text(_ node: String) -> String {
        let start = node.utf8.count + 1
        return unsafe String(unsafeUninitializedCapacity: start + Self.digitCount) { buffer in
            var place = 0
            for character in node.utf8 {
                unsafe buffer[place] = character
                place += 1
            }
            unsafe buffer[place] = UInt8(ascii: "-")
            var (high, low) = (high, low)
            for place in stride(from: start + Self.digitCount - 1, through: start, by: -1) {
                unsafe buffer[place] = Self.digits[Int(low & 31)]
                low = low >> 5 | high << 59
                high >>= 5
            }
            return start + Self.digitCount
        }
    }
}

/// Makes operation ids; random bytes are fetched in stock, since every request of every application needs some.
final class OperationIDs: Sendable {
    private struct Stock {
        var bytes: [UInt8] = []
        var next = 0
    }

    private static let stockBytes = 4_096
    private let stock = Mutex(Stock())
    private let random: any RandomSource
    /// What this node is called, in small letters and digits.
    let node: String

    init(random: any RandomSource = SystemRandomSource(), node: String = OperationIDs.hostName) {
        self.random = random
        self.node = node
    }

    func next() -> OperationID {
        stock.withLock { stock in
            if stock.next + 16 > stock.bytes.count {
                stock.bytes = random.bytes(Self.stockBytes)
                stock.next = 0
            }
            defer { stock.next += 16 }
            return OperationID(high: Self.word(stock.bytes, stock.next), low: Self.word(stock.bytes, stock.next + 8))
        }
    }

    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static let hostName = name(of: ProcessInfo.processInfo.hostName)

    static func name(of host: String) -> String {
        let label = host.lowercased().prefix { $0 != "." }
        // The end: of a set of machines it is what tells them apart.
        let kept = label.utf8.filter { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }.suffix(16)
        return kept.isEmpty ? "node" : String(decoding: kept, as: UTF8.self)
    }
}
