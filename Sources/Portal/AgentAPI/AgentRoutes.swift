import Accounts
import Agents
import Credentials
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import OutsideText
import Secrets
import SignIn

/// `/agent/v1`: JSON for programs, by login and password, and a bearer token that opens nothing else.
struct AgentRoutes: Sendable {
    static let maximumBytes = 1024 * 1024

    let web: Web

    func add(to router: Router<PortalContext>) {
        router.open(.post, "/agent/v1/sign-in", web, signIn)
        router.open(.get, "/agent/v1/me", web, me)
        router.open(.post, "/agent/v1/sign-out", web, signOut)
    }

    // MARK: Signing in

    private struct Credentials: Decodable {
        let login: String
        let password: String
    }

    private struct SignedIn: Encodable {
        struct Person: Encodable {
            let login: String
            let name: String
        }
        struct Tenant: Encodable {
            let id: String
            let name: String
        }
        private enum CodingKeys: String, CodingKey {
            case token, user, account
            case expiresAt = "expires_at"
        }

        let token: String?
        let expiresAt: String?
        let user: Person
        let account: Tenant

        init(token: String?, expiresAt: UnixTime?, user: User, account: Account) {
            self.token = token
            self.expiresAt = expiresAt.map(TimeText.rfc3339)
            self.user = Person(login: user.login, name: user.name)
            self.account = Tenant(id: account.id.description, name: account.name)
        }
    }

    private func signIn(_ call: Call) async throws -> Response {
        let credentials = try await body(call)
        // Normalising makes a text shorter by two thirds at the most.
        guard credentials.password.utf8.count <= 3 * PasswordPolicy.maximumBytes,
            credentials.login.utf8.count <= 8 * Login.maximumLength,
            credentials.login.count <= Login.maximumLength, !credentials.login.utf8.contains(0)
        else { return formRefused("login or password is longer than allowed, or holds NUL") }
        let password = NormalizedText.nfc(credentials.password)
        guard password.utf8.count <= PasswordPolicy.maximumBytes, !password.utf8.contains(0) else {
            return formRefused("login or password is longer than allowed, or holds NUL")
        }
        guard let login = Login(NormalizedText.nfc(credentials.login)), !password.isEmpty else {
            return refused(.credentialsRefused)
        }
        let (outcome, token) = try await web.services.agents.signIn(
            login: login,
            password: Password(utf8: password),
            source: call.source
        )
        guard case .signedIn(let session, let user, let account) = outcome else { return refused(outcome) }
        let answer = SignedIn(token: token.text, expiresAt: session.expiresAt, user: user, account: account)
        return JSONAnswer.response(.ok, answer)
    }

    private func body(_ call: Call) async throws -> Credentials {
        let bytes = try await call.body(upTo: Self.maximumBytes).readableBytesView
        guard StreamSafeText.isSafeJSON(bytes) else { throw AgentError.formRefused }
        do {
            return try JSONDecoder().decode(Credentials.self, from: Data(bytes))
        } catch {
            throw AgentError.formRefused
        }
    }

    private func refused(_ outcome: AgentOutcome) -> Response {
        switch outcome {
        case .tooManyAttempts(let seconds):
            var response = Problem.response(
                .tooManyRequests,
                code: "too_many_attempts",
                detail: PublicMessage.tooManyAttempts(seconds).text
            )
            response.headers[.retryAfter] = String(seconds)
            return response
        case .passwordExpired:
            return Problem.response(
                .forbidden,
                code: "password_expired",
                detail: "The password has expired. Choose a new one at the portal."
            )
        case .agentNotAllowed:
            return Problem.response(
                .forbidden,
                code: "agent_not_allowed",
                detail: "Agents may not sign in with this login."
            )
        case .unavailable:
            var response = Problem.response(
                .serviceUnavailable,
                code: "unavailable",
                detail: PublicMessage.unavailable.text
            )
            response.headers[.retryAfter] = "2"
            return response
        case .credentialsRefused, .checkPassword, .signedIn:
            return Problem.response(
                .unauthorized,
                code: "credentials_refused",
                detail: PublicMessage.credentialsRefused.text
            )
        }
    }

    // MARK: With a token

    private func me(_ call: Call) async throws -> Response {
        guard let view = try await view(call) else { return noToken() }
        return JSONAnswer.response(
            .ok,
            SignedIn(token: nil, expiresAt: view.session.expiresAt, user: view.user, account: view.account)
        )
    }

    private func signOut(_ call: Call) async throws -> Response {
        guard let view = try await view(call) else { return noToken() }
        try await web.services.agents.signOut(view, source: call.source)
        return Response(status: .noContent)
    }

    /// A portal cookie is not looked at here, whatever it holds.
    private func view(_ call: Call) async throws -> AgentView? {
        guard let header = call.request.headers[.authorization] else { return nil }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            let token = BearerToken(kind: .agentSession, text: String(parts[1]))
        else { return nil }
        return try await web.services.agents.view(token)
    }

    private func noToken() -> Response {
        var response = Problem.response(
            .unauthorized,
            code: "credentials_refused",
            detail: "Sign in at /agent/v1/sign-in and send its token."
        )
        response.headers[.wwwAuthenticate] = "Bearer"
        return response
    }

    private func formRefused(_ detail: String) -> Response {
        Problem.response(.unprocessableContent, code: "form_refused", detail: detail)
    }
}

enum AgentError {
    static let formRefused = PageError(
        .unprocessableContent,
        PublicMessage("form_refused", "Send a JSON object with the texts \"login\" and \"password\".", .danger),
        heading: "This cannot be used"
    )
}
