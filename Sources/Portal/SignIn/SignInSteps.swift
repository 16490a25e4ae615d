import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// The seconds that have gone by in the current step, as a class of the ring.
enum Ring {
    static func name(at now: UnixTime) -> String { "ring-\(((now.seconds % 30) + 30) % 30)" }

    static func secondsLeft(at now: UnixTime) -> Int64 { 30 - ((now.seconds % 30) + 30) % 30 }
}

/// From an outcome of the ceremony to the next page, the same for every step.
extension SignInRoutes {
    func attempt(_ call: Call, in stages: [AttemptStage]) async throws -> AttemptView? {
        guard let token = web.cookies.token(.attempt, in: call.request),
            let view = try await web.services.ceremony.store.attemptView(token.digest, at: web.services.now),
            stages.contains(view.attempt.stage)
        else { return nil }
        return view
    }

    /// A step that is not the one this sign-in is at: to the right one where the sign-in is alive, else to the start.
    func elsewhere(_ call: Call) async throws -> Response {
        guard let view = try await attempt(call, in: AttemptStage.allCases) else { return startAgain() }
        return web.redirect(path(of: view.attempt.stage))
    }

    func startAgain() -> Response {
        web.redirect("/sign-in", cookies: [web.cookies.clear(.attempt)], notice: .attemptExpired)
    }

    func path(of stage: AttemptStage) -> String {
        switch stage {
        case .token: "/sign-in/token"
        case .newPassword: "/sign-in/password"
        case .enrolment, .enrolmentPassword: "/sign-in/enrol"
        }
    }

    /// - Parameter refuse: draws the form again with a message.
    func next(
        _ call: Call,
        _ answer: SignInService.Answer,
        _ refuse: (HTTPResponse.Status, PublicMessage) -> Response
    ) async throws -> Response {
        SignInCounter.count(answer.outcome)
        switch answer.outcome {
        case .proceed(let attempt):
            return web.redirect(
                path(of: attempt.stage),
                cookies: [web.cookies.set(.attempt, answer.tokens.attempt.text)]
            )
        case .signedIn(let session, let returnTo):
            // The session that this browser had before is of no use to anybody now.
            try await endSession(call)
            let target = LocalPath.afterSignIn(returnTo)
            let isRecovery = session.recoveryUntil != nil
            return web.redirect(
                isRecovery ? "/own/new-phone?return_to=\(LocalPath.queryValue(target))" : target,
                cookies: openSession(call, answer, session)
            )
        case .enrolled(let session, let returnTo):
            try await endSession(call)
            let target = LocalPath.queryValue(LocalPath.afterSignIn(returnTo))
            return web.redirect(
                "/sign-in/recovery-codes?return_to=\(target)",
                cookies: openSession(call, answer, session)
            )
        case .credentialsRefused: return refuse(.unprocessableContent, .credentialsRefused)
        case .tokenRefused:
            let seconds = Ring.secondsLeft(at: web.services.now)
            return refuse(.unprocessableContent, .tokenRefused(next: seconds))
        case .tooManyAttempts(let seconds): return web.limited(seconds) { refuse(.tooManyRequests, $0) }
        case .factorClosed:
            var response = refuse(.tooManyRequests, .factorClosed)
            response.headers[.retryAfter] = String(ThrottlePolicy.maximumWaitSeconds)
            return response
        case .startAgain:
            return web.redirect("/sign-in", cookies: [web.cookies.clear(.attempt)], notice: .startAgain)
        case .attemptExpired: return startAgain()
        case .unavailable: throw PageError.unavailable
        case .checkPassword, .showEnrolment, .pairRefused: throw PageError.broken
        }
    }

    /// Ends the session of the cookie, whatever it may still open: one that waits to be diverted as well.
    func endSession(_ call: Call) async throws {
        guard let token = web.cookies.token(.portalSession, in: call.request),
            let view = try await web.services.ceremony.store.sessionView(token.digest)
        else { return }
        _ = try await web.services.own.run(view.session, .signOut, source: call.source)
    }

    private func openSession(_ call: Call, _ answer: SignInService.Answer, _ session: PortalSession) -> [String] {
        let browser = answer.makesBrowserKnown ? answer.tokens.browser : nil
        return [web.cookies.clear(.attempt), web.cookies.set(.session, answer.tokens.session.text)]
            + web.knownBrowser(call, browser, session.userID)
    }
}
