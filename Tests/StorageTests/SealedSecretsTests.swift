import Accounts
import Foundation
import OneTimePassword
import Secrets
import SignIn
import Storage
import Testing

@Suite("Secrets at rest", .timeLimit(.minutes(2)))
struct SealedSecretsTests {
    @Test(
        "Neither file nor log holds a secret, a recovery code or a token in any spelling (INV-6)",
        arguments: Engine.allCases
    )
    func bytes(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let user = company.admin
        let authenticator = try Make.authenticator()
        let pending = try Make.pending()
        let codes = Make.recoveryCodes()
        let tokens = [BearerKind.attempt, .portalSession].map { BearerToken(kind: $0, random: Make.random) }
        let (link, stored) = Make.link(.invitation, lasting: 3_600)
        try await test.apply([
            .insertAuthenticator(user.id, authenticator), .savePending(user.id, pending),
            .replaceRecoveryCodes(user.id, codes), .insertAttempt(Make.attempt(user, digest: tokens[0].digest)),
            .insertSession(Make.session(user, digest: tokens[1].digest)),
        ])
        try await test.add("bo", to: company, credential: .invitation(stored))

        let disk = try await test.storedBytes()
        // What must be found, so that the search itself is known to work.
        #expect(disk.range(of: Data("ana@acme".utf8)) != nil)
        #expect(disk.range(of: Data(tokens[1].digest.bytes)) != nil)

        var hidden: [[UInt8]] = []
        for case .readable(let secret) in [authenticator.secret, .readable(pending.secret)] {
            hidden += [secret.bytes, Array(secret.bytes.prefix(8))]
            hidden += [secret.base32, secret.base32.lowercased(), secret.grouped].map { Array($0.utf8) }
        }
        for code in codes {
            let plain = code.text.replacing("-", with: "")
            hidden += [code.text, plain, plain.uppercased()].map { Array($0.utf8) }
        }
        for token in tokens + [link] {
            hidden.append(Array(token.text.utf8))
            hidden.append(Array(token.text.utf8.dropFirst(token.kind.prefix.utf8.count)))
        }
        for (index, needle) in hidden.enumerated() { #expect(disk.range(of: Data(needle)) == nil, "number \(index)") }
        #expect(disk.range(of: Data(tokens[0].kind.prefix.utf8)) == nil)
    }

    @Test("What was sealed opens again in its place, and a recovery code until it is kept", arguments: Engine.allCases)
    func roundTrip(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let authenticator = try Make.authenticator(lastStep: 3)
        let pending = try Make.pending()
        let codes = Make.recoveryCodes()
        let session = Make.session(user)
        try await test.apply([
            .insertAuthenticator(user.id, authenticator), .savePending(user.id, pending),
            .replaceRecoveryCodes(user.id, codes), .insertSession(session),
        ])
        let subject = try await test.subject(user)
        guard case .readable(let secret) = authenticator.secret,
            case .readable(let read) = subject.authenticators[0].secret
        else { return #expect(Bool(false), "a secret does not open") }
        #expect(read == secret)
        #expect(subject.pending?.secret == pending.secret)
        let own = try #require(try await test.store.ownView(session.id))
        #expect(own.unkeptRecoveryCodes.map(\.text) == codes.map(\.text))
        #expect(own.recoveryCodesLeft == 10)
        #expect(subject.hasUnkeptCodes)

        try await test.apply([.spendRecoveryCode(user.id, codes[0].digest, at: TestStore.start)])
        let spent = try #require(try await test.store.ownView(session.id))
        #expect(spent.unkeptRecoveryCodes.map(\.text) == codes.dropFirst().map(\.text))
        try await test.apply([.keepRecoveryCodes(user.id)])
        let kept = try #require(try await test.store.ownView(session.id))
        #expect(kept.unkeptRecoveryCodes.isEmpty)
        #expect(try await test.subject(user).hasUnkeptCodes == false)
        #expect(kept.recoveryCodesLeft == 9)
        #expect(try await test.count("SELECT count(*) FROM recovery_code WHERE sealed IS NOT NULL") == 0)
    }

    @Test(
        "A secret moved to another row does not open: it denies and still is a second factor (INV-8)",
        arguments: Engine.allCases
    )
    func movedSecret(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let company = try await test.company()
        let victim = try await test.add("bo", to: company)
        let own = try Make.authenticator()
        let other = try Make.authenticator()
        try await test.apply([
            .insertAuthenticator(company.admin.id, own), .insertAuthenticator(victim.id, other),
        ])
        try await test.database.write { connection in
            let moved =
                "UPDATE authenticator SET secret = (SELECT secret FROM authenticator WHERE id = $1) WHERE id = $2"
            try connection.execute(moved, [own.id, other.id])
            return ()
        }
        let subject = try await test.subject(victim)
        #expect(subject.hasTwoFactor)
        #expect(subject.authenticators.map(\.secret.isReadable) == [false])
        #expect(try await test.subject(company.admin).authenticators.map(\.secret.isReadable) == [true])
        guard case .unreadable(1) = try await test.store.checkSeals() else {
            return #expect(Bool(false), "the moved secret is not noticed")
        }
    }

    @Test(
        "Under another key ring nothing opens, and every login keeps its second factor (INV-8)",
        arguments: Engine.allCases
    )
    func otherKeyRing(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        let session = Make.session(user)
        try await test.apply([
            .insertAuthenticator(user.id, try Make.authenticator()), .savePending(user.id, try Make.pending()),
            .insertSession(session),
        ])
        let key = KeyRing.Key(random: SystemRandomSource())
        let ring = try KeyRing(keys: [key], currentID: key.id)
        let stranger = PortalStore(database: test.database, keyRing: ring)
        let request = SubjectRequest(.login(Make.login(user.login)), .all, throttles: [], source: TestStore.source)
        let subject = try #require(try await stranger.decide(request, at: TestStore.start) { Decision($0.subject) })
        #expect(subject.authenticators.map(\.secret.isReadable) == [false])
        #expect(subject.pending == nil)
        #expect(try await stranger.sessionView(session.digest)?.hasTwoFactor == true)
        guard case .unreadable(1) = try await stranger.checkSeals() else {
            return #expect(Bool(false), "the wrong key ring is not noticed")
        }
    }

    @Test("A secret sealed under an older key still opens when the ring has a new one", arguments: Engine.allCases)
    func rotation(engine: Engine) async throws {
        let test = try await TestStore(engine)
        let user = try await test.company().admin
        try await test.apply([.insertAuthenticator(user.id, try Make.authenticator())])
        let ring = try test.keyRing.rotated(random: SystemRandomSource())
        let rotated = PortalStore(database: test.database, keyRing: ring)
        let request = SubjectRequest(.login(Make.login(user.login)), .secrets, throttles: [], source: TestStore.source)
        let state = try await rotated.decide(request, at: TestStore.start) { Decision($0) }
        #expect(state.subject?.authenticators.map(\.secret.isReadable) == [true])
        // Counters are found under the same name as before.
        #expect(state.loginDigest == (try await test.state(user.login).loginDigest))
    }
}

extension Authenticator.Secret {
    var isReadable: Bool {
        if case .readable = self { return true }
        return false
    }
}
