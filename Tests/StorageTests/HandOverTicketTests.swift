import Accounts
import Gateway
import Secrets
import SignIn
import Storage
import Testing

@Suite("Tickets that hand a session over to an application, in the database")
struct HandOverTicketTests {
    @Test("Of twenty who bring the same ticket at once one gets in", arguments: Engine.allCases)
    func ticketOnce(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
        try await scene.issue(scene.ticket(ticket, nonce: nonce))
        let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await scene.store.redeem(scene.callback(ticket, nonce: nonce), at: TestStore.start).refusal
                        == nil
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(opened == 1)
        #expect(try await scene.base.count("SELECT count(*) FROM application_session") == 1)
    }

    @Test(
        "A ticket brought to another application or by another browser is spent and opens nothing",
        arguments: Engine.allCases
    )
    func ticketElsewhere(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        for isOtherApplication in [true, false] {
            let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
            try await scene.issue(scene.ticket(ticket, nonce: nonce))
            let wrong = scene.callback(
                ticket,
                nonce: isOtherApplication ? nonce : Make.digest(.handOverNonce),
                at: isOtherApplication ? Application.ID(random: Make.random) : nil
            )
            let first = try await scene.store.redeem(wrong, at: TestStore.start).refusal
            #expect(first == (isOtherApplication ? .otherApplication : .otherBrowser))
            let second = try await scene.store.redeem(scene.callback(ticket, nonce: nonce), at: TestStore.start)
            #expect(second.refusal == .unknown)
        }
    }

    @Test(
        "A session that goes on under another token hands out no ticket, nor does one that ended",
        arguments: Engine.allCases
    )
    func staleTicket(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        func ticket() -> HandOverTicket {
            scene.ticket(Make.digest(.handOverTicket), nonce: Make.digest(.handOverNonce))
        }
        try await scene.issue(ticket())
        var renewed = scene.session
        renewed.digest = Make.digest(.portalSession)
        try await scene.base.apply([.renewSession(renewed)])
        #expect(try await scene.base.count("SELECT count(*) FROM hand_over_ticket") == 0, "those on their way end")
        #expect(try await !scene.store.issue(ticket(), by: scene.session.digest))
        #expect(try await scene.store.issue(ticket(), by: renewed.digest))
        try await scene.base.apply([.endSession(renewed.id, renewed.userID)])
        #expect(try await !scene.store.issue(ticket(), by: renewed.digest))
    }

    @Test("A ticket that comes back and the renewal of its session never wait for each other")
    func redeemBesideRenewal() async throws {
        // The embedded database has one writer; there two never wait for each other.
        let scene = try await GatewayScene(.postgres)
        for _ in 1...20 {
            let (ticket, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
            let digest = try await scene.currentDigest()
            try #require(try await scene.store.issue(scene.ticket(ticket, nonce: nonce), by: digest))
            async let redeemed = scene.store.redeem(scene.callback(ticket, nonce: nonce), at: TestStore.start)
            let request = SubjectRequest(.session(digest), .all, throttles: [], source: TestStore.source)
            async let renewal: Void = scene.store.decide(request, at: TestStore.start) { state in
                guard var next = state.session else { return Decision(()) }
                next.digest = Make.digest(.portalSession)
                return Decision((), [.renewSession(next)])
            }
            // Two that did would both fail here: the tests' server looks for no deadlocks.
            _ = try await (redeemed, renewal)
        }
    }

    @Test(
        "Tickets and sessions are of the address that they were made for, and die with it",
        arguments: Engine.allCases
    )
    func moved(engine: Engine) async throws {
        let scene = try await GatewayScene(engine)
        let (late, nonce) = (Make.digest(.handOverTicket), Make.digest(.handOverNonce))
        let early = Make.digest(.handOverTicket)
        try await scene.issue(scene.ticket(early, nonce: nonce))
        let session = try await scene.open()
        var away = scene.application
        away.origin = Origin("https://away.example.com")!
        #expect(try await scene.change(away.id, .change(away)).isAccepted)
        #expect(try await scene.store.visit(session) == nil)
        // Made before the move and written after it, as by a slow node.
        try await scene.issue(scene.ticket(late, nonce: nonce))
        let atNewPlace = try await scene.store.redeem(scene.callback(late, nonce: nonce), at: TestStore.start)
        #expect(atNewPlace.refusal == .otherApplication)
        #expect(try await scene.change(away.id, .change(scene.application)).isAccepted)
        let back = try await scene.store.redeem(scene.callback(early, nonce: nonce), at: TestStore.start)
        #expect(back.refusal == .unknown)
        let visit = try #require(try await scene.store.visit(try await scene.open()))
        #expect(visit.session.isOf(scene.application) && !visit.session.isOf(away))
    }
}
