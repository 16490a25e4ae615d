import Credentials
import Foundation
import Secrets
import Testing

@Suite("Key file")
final class KeyFileTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)")
    var path: String { folder.appendingPathComponent("keys.json").path }
    let now = UnixTime(seconds: 1_790_000_000)

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func mode() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("A new file is for its owner only, holds one key, and opens what its ring sealed")
    func create() throws {
        let file = KeyFile(random: SystemRandomSource(), now: now)
        try file.create(path)
        #expect(try mode() == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["keys.json"])
        let place = SealContext(table: "t", column: "c", row: "1")
        let sealed = try file.ring.seal([1, 2, 3], in: place)
        let loaded = try KeyFile.load(path)
        #expect(try loaded.ring.open(sealed, in: place) == [1, 2, 3])
        #expect(loaded.created == [file.ring.current.id: now])
    }

    @Test("The content is JSON with the current key, and each key's name, base64 and time")
    func form() throws {
        let file = KeyFile(random: SystemRandomSource(), now: now)
        let json = try #require(JSONSerialization.jsonObject(with: Data(file.encoded)) as? [String: Any])
        #expect(json["current"] as? String == file.ring.current.id.description)
        let keys = try #require(json["keys"] as? [[String: Any]])
        #expect(keys.count == 1)
        #expect(keys[0]["created"] as? Int == 1_790_000_000)
        #expect(Data(base64Encoded: try #require(keys[0]["key"] as? String))?.count == 32)
    }

    @Test("An existing file is never overwritten by a new one")
    func noOverwriting() throws {
        try KeyFile(random: SystemRandomSource(), now: now).create(path)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(throws: KeyFileError.alreadyExists(path: path)) {
            try KeyFile(random: SystemRandomSource(), now: now).create(path)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }

    @Test("A rotated ring takes the file's place and keeps the older keys")
    func rotation() throws {
        let file = KeyFile(random: SystemRandomSource(), now: now)
        try file.create(path)
        let rotated = try file.rotated(random: SystemRandomSource(), now: now + 60)
        try rotated.replace(path)
        let loaded = try KeyFile.load(path)
        #expect(try mode() == 0o600)
        #expect(loaded.ring.keys.map(\.id) == rotated.ring.keys.map(\.id))
        #expect(loaded.ring.current.id == rotated.ring.current.id)
        #expect(loaded.created[rotated.ring.current.id] == now + 60)
        #expect(loaded.ring.keyedDigest(of: "x") == file.ring.keyedDigest(of: "x"))
    }

    @Test(
        "A file that others may use in any way is refused",
        arguments: [0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o601, 0o666]
    )
    func openToOthers(mode: Int) throws {
        try KeyFile(random: SystemRandomSource(), now: now).create(path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: KeyFileError.openToOthers(path: path)) { try KeyFile.load(self.path) }
        #expect(error?.description.hasPrefix("The key file \(path) is open to its group or to everybody") == true)
    }

    @Test("A read-only file of the owner is fine")
    func readOnly() throws {
        try KeyFile(random: SystemRandomSource(), now: now).create(path)
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        _ = try KeyFile.load(path)
    }

    @Test("A missing file, a folder and an impossible place are told apart")
    func missing() throws {
        #expect(throws: KeyFileError.notFound(path: path)) { try KeyFile.load(self.path) }
        #expect(throws: KeyFileError.notARegularFile(path: folder.path)) { try KeyFile.load(self.folder.path) }
        let error = #expect(throws: KeyFileError.self) {
            try KeyFile(random: SystemRandomSource(), now: self.now).create("/nowhere/keys.json")
        }
        let sentence = "The server could not create the key file /nowhere/keys.json: No such file or directory."
        #expect(error?.description == sentence)
    }

    static let key = Data(repeating: 7, count: 32).base64EncodedString()
    static let entry = #"{"id":"a1","key":"\#(key)","created":1}"#

    @Test("The smallest good file is read")
    func smallest() throws {
        try write(#"{"current":"a1","keys":[\#(Self.entry)]}"#)
        #expect(try KeyFile.load(path).ring.current.id == KeyID("a1"))
    }

    @Test(
        "A damaged file is refused with a sentence that shows no key",
        arguments: [
            "", "{}", "[]", "null", "not json", #"{"current":"a1"}"#, #"{"current":"a1","keys":[]}"#,
            #"{"current":"b2","keys":[\#(entry)]}"#, #"{"current":"A 1","keys":[\#(entry)]}"#,
            #"{"current":"a1","keys":[\#(entry),\#(entry)]}"#, #"{"current":"a1","keys":[\#(entry)]"#,
            #"{"current":"a1","keys":[{"id":"a1","key":"\#(key)"}]}"#,
            #"{"current":"a1","keys":[{"id":"a/1","key":"\#(key)","created":1}]}"#,
            #"{"current":"a1","keys":[{"id":"a1","key":"","created":1}]}"#,
            #"{"current":"a1","keys":[{"id":"a1","key":"BwcHBw==","created":1}]}"#,
            #"{"current":"a1","keys":[{"id":"a1","key":"!\#(key)","created":1}]}"#,
            #"{"current":"a1","keys":[{"id":"a1","key":"\#(key)AAAA","created":1}]}"#,
            String(repeating: " ", count: 70_000),
        ]
    )
    func damaged(text: String) throws {
        try write(text)
        let error = try #require(#expect(throws: KeyFileError.self) { try KeyFile.load(self.path) })
        guard case .malformed = error else {
            Issue.record("Refused for another reason: \(error)")
            return
        }
        #expect(error.description.hasPrefix("The key file \(path) is damaged: "))
        #expect(error.description.hasSuffix("."))
        #expect(!error.description.contains(Self.key))
    }
}
