import Credentials
import Foundation
import Secrets
import Testing

@Suite("Clock, text and process")
struct SurroundingsTests {
    @Test("The clock tells the machine's time in whole seconds")
    func clock() {
        let before = Int64(Date().timeIntervalSince1970) - 1
        let now = SystemWallClock().now.seconds
        #expect((before...before + 5).contains(now))
    }

    @Test("The kernel says whether its clock is kept right, or says that it does not tell")
    func synchronised() {
        // What the answer is depends on the machine; that asking twice gives the same one does not.
        #expect(SystemWallClock.isSynchronised == SystemWallClock.isSynchronised)
    }

    @Test("E15: two spellings of one text become the same bytes")
    func normalization() {
        #expect(Array(NormalizedText.nfc("e\u{301}").utf8) == Array("\u{E9}".utf8))
        #expect(Array(NormalizedText.nfc("\u{212B}").utf8) == Array("\u{C5}".utf8))
        #expect(Array(NormalizedText.nfc("a\u{323}\u{307}").utf8) == Array(NormalizedText.nfc("a\u{307}\u{323}").utf8))
        // Compatibility forms stay apart: this is NFC, not NFKC.
        #expect(NormalizedText.nfc("ﬁ") == "ﬁ")
    }

    @Test("A hardened process can neither dump core nor be traced by its own user")
    func hardening() async {
        await #expect(processExitsWith: .success) {
            precondition(!ProcessHardening.isApplied)
            precondition(ProcessHardening.apply())
            precondition(ProcessHardening.isApplied)
            let limits = try String(contentsOfFile: "/proc/self/limits", encoding: .utf8)
            let line = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            precondition(line?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        }
    }
}
