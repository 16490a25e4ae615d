import Accounts
import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import OneTimePassword
import Secrets
import SignIn
import Storage
import Synchronization

@testable import Portal

/// The whole portal over a real database, without a socket and without slow hashing.
final class TestPortal: Sendable {
    static let password = "correct horse battery staple"

    let folder: URL
    let database: SQLiteDatabase
    let store: PortalStore
    let clock = TestClock()
    private let responder: any HTTPResponder<PortalContext>
    /// What the browser holds.
    private let jar = Mutex<[String: String]>([:])

    init(publicURL: String = "http://localhost:8080", trustedProxies: [String] = []) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("countersign-\(UUID().uuidString)")
        database = try SQLiteDatabase(path: folder.appendingPathComponent("test.sqlite").path)
        _ = try await database.migrate()
        let key = KeyRing.Key(random: SystemRandomSource())
        let cache = AccessCache()
        let ring = try KeyRing(keys: [key], currentID: key.id)
        let store = PortalStore(database: database, keyRing: ring)
        store.endings.observe { cache.heard([$0]) }
        self.store = store
        let services = PortalServices(
            ceremony: Ceremony(store: store, hasher: QuickHasher(), clock: clock, random: SystemRandomSource()),
            agentStore: store,
            administration: store,
            directory: store,
            gatekeeper: Gatekeeper(
                store: store,
                cache: cache,
                clock: clock,
                uptime: { NIODeadline.now().uptimeNanoseconds }
            ),
            waitingPosts: store,
            isReady: { .ready }
        )
        let configuration = PortalConfiguration(
            publicURL: PublicURL(publicURL)!,
            trustedProxies: trustedProxies.compactMap { AddressRange($0) }
        )
        responder = PortalApplication.router(services: services, configuration: configuration, pages: try Pages())
            .buildResponder()
    }

    deinit {
        database.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Account `Acme` with the admin `ana`.
    func makeAccount() async throws -> User {
        let account = Account(id: Account.ID(random: SystemRandomSource()), name: "Acme")
        let user = User(
            id: User.ID(random: SystemRandomSource()),
            accountID: account.id,
            login: "ana",
            name: "Ana Díaz",
            isAccountAdmin: true
        )
        let hash = try await QuickHasher().hash(Password(utf8: Self.password))
        let credential = NewUser.FirstCredential.password(hash, mustChange: false)
        _ = try await store.createAccount(
            account,
            admin: NewUser(user: user, loginKey: "ana", roleIDs: [], credential: credential),
            firstRun: nil,
            actorAddress: "",
            at: clock.now
        )
        return user
    }

    /// Gives a login an authenticator whose steps up to the present one are spent.
    func configure(_ user: User) async throws -> OTPSharedSecret {
        let secret = try OTPSharedSecret(bytes: SystemRandomSource().bytes(20))
        let authenticator = Authenticator(
            id: Authenticator.ID(random: SystemRandomSource()),
            name: "Phone",
            secret: .readable(secret),
            lastAcceptedStep: TimeStep(containing: clock.now.seconds),
            createdAt: clock.now
        )
        let source = RequestSource(address: "", throttleKey: nil)
        let request = SubjectRequest(.login(Login(user.login)!), [], throttles: [], source: source)
        try await store.decide(request, at: clock.now) { _ in
            Decision((), [.insertAuthenticator(user.id, authenticator)])
        }
        return secret
    }

    func code(_ secret: OTPSharedSecret) -> String {
        TOTP.code(secret: secret, step: TimeStep(containing: clock.now.seconds)).text
    }

    // MARK: Requests

    func send(
        _ method: HTTPRequest.Method = .get,
        _ path: String,
        headers: [(String, String)] = [],
        body: String = "",
        peer: String = "192.0.2.7"
    ) async throws -> Answer {
        let channel = NIOAsyncTestingChannel()
        channel.remoteAddress = try SocketAddress(ipAddress: peer, port: 4_711)
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger[metadataKey: "hb.request.id"] = "test"
        let context = PortalContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        let cookies = jar.withLock { $0.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        let all = headers + (cookies.isEmpty ? [] : [("Cookie", cookies)])
        let request = Request.made(method, path, headers: all, body: body)
        let response = try await responder.respond(to: request, context: context)
        keep(response.headers[values: .setCookie])
        let collector = BodyCollector()
        try await response.body.write(collector)
        _ = try? await channel.finish()
        return Answer(
            status: response.status,
            headers: response.headers,
            body: String(buffer: collector.storage.buffer)
        )
    }

    /// A form as a browser on the portal's own page sends it.
    func post(_ path: String, _ fields: [(String, String)] = [], headers: [(String, String)] = []) async throws
        -> Answer
    {
        let body = fields.map { "\($0.0)=\(LocalPath.queryValue($0.1))" }.joined(separator: "&")
        let own = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")]
        return try await send(.post, path, headers: own + headers, body: body)
    }

    func forgetCookies() { jar.withLock { $0 = [:] } }

    /// Signs `ana` in as far as the password goes.
    func giveRightPassword() async throws -> Answer {
        try await post("/sign-in", [("login", "ana"), ("password", Self.password)])
    }

    private func keep(_ setCookies: [String]) {
        jar.withLock { jar in
            for header in setCookies {
                let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
                jar[String(pair[0])] = pair.count == 2 ? String(pair[1]) : nil
            }
        }
    }
}

/// Stands still until it is moved.
final class TestClock: WallClock {
    private let time = Mutex(UnixTime(seconds: 1_800_000_000))

    var now: UnixTime { time.withLock { $0 } }

    func advance(_ seconds: Int64) { time.withLock { $0 = $0 + seconds } }
}

/// A hash that costs nothing: the password's own bytes in the tag.
struct QuickHasher: PasswordHashing {
    let decoy = PasswordHash(
        parameters: .current,
        salt: Array(repeating: 0, count: 16),
        tag: Array(repeating: 0, count: 32)
    )!
    let isFree = true

    func hash(_ password: Password) async throws(PasswordHashingError) -> PasswordHash {
        let bytes = password.withBytes { span in span.indices.map { span[$0] } }
        let tag = Array((bytes + Array(repeating: 1, count: 64)).prefix(64))
        return PasswordHash(parameters: .current, salt: Array(repeating: 1, count: 16), tag: tag)!
    }

    func verify(
        _ password: Password,
        against hash: PasswordHash
    ) async throws(PasswordHashingError) -> PasswordVerification {
        try await self.hash(password) == hash ? .match(needsRehash: false) : .mismatch
    }

    func beginVerifying(
        _ password: Password,
        against hash: PasswordHash
    ) -> @Sendable () async throws(PasswordHashingError) -> PasswordVerification {
        { () async throws(PasswordHashingError) in try await verify(password, against: hash) }
    }
}
