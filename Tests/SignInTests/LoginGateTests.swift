import Secrets
import Testing

@testable import SignIn

@Suite("Password checks of one login wait for each other", .timeLimit(.minutes(2)))
struct LoginGateTests {
    private typealias Place = LoginGate.Place

    /// Keeps what runs inside until it is opened.
    private actor Door {
        private var isOpen = false
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private(set) var insideCount = 0
        private(set) var sentAwayCount = 0

        func pass() async {
            insideCount += 1
            if !isOpen { await withCheckedContinuation { waiting.append($0) } }
            insideCount -= 1
        }

        func sendAway() { sentAwayCount += 1 }

        func open() {
            isOpen = true
            for one in waiting { one.resume() }
            waiting = []
        }
    }

    /// One more who wants in; true when they got in, false when they were sent away.
    private func arrive(_ gate: LoginGate, _ place: Place, _ door: Door) -> Task<Bool, Never> {
        Task {
            do {
                try await gate.pass(place) { await door.pass() }
                return true
            } catch {
                await door.sendAway()
                return false
            }
        }
    }

    /// Sees that so many wait, that as many places are busy, and that so many have gone again: in all, that everybody has
    /// arrived. Whoever comes afterwards would overtake those who have not, and then wait where they should be refused.
    private func settle(_ gate: LoginGate, waiting: Int, inside: Int, away: Int = 0, _ door: Door) async {
        for _ in 0..<1_000_000 {
            if await gate.waitingCount == waiting, await door.insideCount == inside, await door.sentAwayCount == away {
                return
            }
            await Task.yield()
        }
        let (waits, isInside, gone) = await (gate.waitingCount, door.insideCount, door.sentAwayCount)
        Issue.record("\(waits) wait, \(isInside) are inside, \(gone) were sent away")
    }

    @Test("at one place one check runs, at different places they run beside each other, and all come in")
    func oneAtATime() async {
        let (gate, door) = (LoginGate(), Door())
        let known = TokenDigest(of: "a browser")
        let places: [Place] = [
            .agent(login: "ann"), .person(login: "ann"), .person(login: "ann", knownBrowser: known),
            .person(login: "bob"),
        ]
        var everybody: [Task<Bool, Never>] = []
        for place in places { for _ in 0..<3 { everybody.append(arrive(gate, place, door)) } }
        await settle(gate, waiting: 8, inside: 4, door)
        await door.open()
        for one in everybody { #expect(await one.value) }
        #expect(await gate.waitingCount == 0)
    }

    @Test("200 wait, all of them at one place if need be, and whoever comes then is sent away at once")
    func onePlace() async {
        let (gate, door) = (LoginGate(), Door())
        var everybody: [Task<Bool, Never>] = []
        for _ in 0..<201 { everybody.append(arrive(gate, .agent(login: "fleet"), door)) }
        await settle(gate, waiting: 200, inside: 1, door)
        #expect(await arrive(gate, .agent(login: "fleet"), door).value == false)
        await door.open()
        for one in everybody { #expect(await one.value) }
    }

    @Test("When 200 wait, the last of the longest queue gives way to whoever waits at another place")
    func everyPlace() async {
        let (gate, door) = (LoginGate(), Door())
        var strangers: [Task<Bool, Never>] = []
        for place in 0..<4 {
            for _ in 0..<51 { strangers.append(arrive(gate, .person(login: "stranger\(place)"), door)) }
            await settle(gate, waiting: 50 * (place + 1), inside: place + 1, door)
        }
        // Somebody for whom nobody else waits is not touched by any of it.
        let alone = arrive(gate, .person(login: "ann"), door)
        await settle(gate, waiting: 200, inside: 5, door)
        // Behind her there is room at the strangers' cost, until all queues are of one length: five of 40.
        var behind: [Task<Bool, Never>] = []
        for count in 1...40 {
            behind.append(arrive(gate, .person(login: "ann"), door))
            await settle(gate, waiting: 200, inside: 5, away: count, door)
        }
        #expect(await arrive(gate, .person(login: "ann"), door).value == false)
        #expect(await arrive(gate, .person(login: "stranger0"), door).value == false)
        await door.open()
        #expect(await alone.value)
        for one in behind { #expect(await one.value) }
        var sentAway = 0
        for one in strangers where await one.value == false { sentAway += 1 }
        #expect(sentAway == 40)
        #expect(await gate.waitingCount == 0)
    }
}
