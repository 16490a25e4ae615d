import Synchronization
import Testing

@testable import Wire

@Suite("The memory that what is on its way may take")
struct MemorySharesTests {
    /// Remembers who had to make room.
    private final class Ended: Sendable {
        private let names = Mutex<[String]>([])

        func note(_ name: String) -> @Sendable () -> Void { { self.names.withLock { $0.append(name) } } }

        var all: [String] { names.withLock(\.self) }
    }

    private static let limits = MemoryShares.Limits(total: 1_000, each: 400, least: 10)

    @Test("The one that began first makes room when a client has more than its share")
    func each() {
        let (shares, ended) = (MemoryShares(Self.limits), Ended())
        let first = shares.begin(client: "a", makeRoom: ended.note("first"))
        let second = shares.begin(client: "a", makeRoom: ended.note("second"))
        let other = shares.begin(client: "b", makeRoom: ended.note("other"))
        #expect(shares.grow(other, to: 300) && shares.grow(first, to: 300) && shares.grow(second, to: 100))
        #expect(ended.all.isEmpty)
        #expect(shares.grow(second, to: 101))
        #expect(ended.all == ["first"])
        #expect(!shares.grow(first, to: 310), "it is told when it goes on")
        #expect(!shares.end(first))
        #expect(shares.end(second) && shares.end(other))
    }

    @Test("A body that takes too much by itself has to go")
    func alone() {
        let (shares, ended) = (MemoryShares(Self.limits), Ended())
        let body = shares.begin(client: "a", makeRoom: ended.note("body"))
        #expect(!shares.grow(body, to: 401))
        #expect(ended.all == ["body"])
    }

    @Test("Whoever fills the memory from many addresses keeps nobody out")
    func total() {
        let (shares, ended) = (MemoryShares(Self.limits), Ended())
        for number in 1...200 {
            let body = shares.begin(client: "stalling \(number)", makeRoom: ended.note("stalling"))
            _ = shares.grow(body, to: 100)
            let form = shares.begin(client: "person \(number)", makeRoom: ended.note("person"))
            #expect(shares.grow(form, to: 50))
            #expect(shares.end(form), "a form that is there at once")
        }
        #expect(Set(ended.all) == ["stalling"])
    }

    @Test("Stallers who send next to nothing are bounded in number")
    func number() {
        let (shares, ended) = (MemoryShares(Self.limits), Ended())
        for number in 1...100 { _ = shares.begin(client: "c\(number % 10)", makeRoom: ended.note("c")) }
        #expect(ended.all.isEmpty)
        _ = shares.begin(client: "d", makeRoom: ended.note("d"))
        #expect(ended.all == ["c"])
    }

    @Test("What is given back is there for the next")
    func givenBack() {
        let (shares, ended) = (MemoryShares(Self.limits), Ended())
        for _ in 1...1_000 {
            let body = shares.begin(client: "a", makeRoom: ended.note("a"))
            #expect(shares.grow(body, to: 400) && shares.end(body))
            #expect(!shares.end(body), "once")
        }
        #expect(ended.all.isEmpty)
    }
}
