import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Secrets
import SignIn

/// `/confirm`: a fresh proof that it is the person, before what weakens or grants; a post that waits for it is named
/// there and done from there.
struct ConfirmRoutes: Sendable {
    let web: Web
    /// The pages whose posts may wait.
    let pages: any HTTPResponder<PortalContext>

    static let path = "/confirm"

    /// For a page that needs a proof to be shown.
    static func redirect(_ web: Web, to page: String) -> Response {
        web.redirect(LocalAddress.text(path, [(name: "return_to", value: page)]))
    }

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/confirm", web, show)
        router.page(.post, "/confirm", web, submit)
    }

    // MARK: What is asked

    private struct Asked {
        let returnTo: String
        /// As the address or the form names it, there or gone.
        let postID: String
        let post: WaitingPost?
        let need: ProofNeed
        let isProven: Bool
        let asksToken: Bool

        /// Done already, expired, or another session's.
        var isGone: Bool { !postID.isEmpty && post == nil }
    }

    private func asked(_ person: PersonCall, _ fields: Form) async throws -> Asked {
        let target = LocalPath.afterSignIn(fields["return_to"])
        let postID = fields.one("post")
        let session = person.view.session
        var post: WaitingPost?
        if let id = WaitingPost.ID(postID) {
            post = try await web.services.waitingPosts.waitingPost(id, of: session.id, at: person.now)
        }
        let need = post?.need ?? .strongest
        let hasTwoFactor = person.view.hasTwoFactor
        return Asked(
            returnTo: target.hasPrefix(Self.path) ? "/" : target,
            postID: postID,
            post: post,
            need: need,
            isProven: session.hasProof(need, hasTwoFactor: hasTwoFactor, at: person.now),
            asksToken: hasTwoFactor && need == .strongest
        )
    }

    private func show(_ person: PersonCall) async throws -> Response {
        let asked = try await asked(person, person.call.query)
        if asked.isGone { return gone(asked, []) }
        if asked.post == nil, asked.isProven { return web.redirect(asked.returnTo) }
        let message = asked.asksToken ? PublicMessage.proofRequired : .passwordProofRequired
        return try page(person, .ok, asked, asked.isProven ? [] : [message])
    }

    private func page(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ asked: Asked,
        _ messages: [PublicMessage],
        _ errors: Fields = [:]
    ) throws -> Response {
        let content = try asked.post.map { try WaitingContent(encoded: $0.content) }
        let heading = content?.title ?? "Confirm that it is you"
        let facts = content?.fields ?? []
        let fields: Fields = [
            "heading": content == nil ? heading : "\(heading)?", "returnTo": asked.returnTo, "hasPost": content != nil,
            "postID": asked.postID, "hasFacts": !facts.isEmpty, "facts": facts,
            "asksToken": !asked.isProven && asked.asksToken, "asksPassword": !asked.isProven && !asked.asksToken,
            "login": person.view.user.login, "ringClass": Ring.name(at: person.now),
            "confirmLabel": content == nil ? "Confirm" : heading, "cancelHref": asked.returnTo,
        ]
        return web.portal(
            person,
            status,
            title: heading,
            at: .none,
            "confirm_proof",
            fields.merging(errors) { $1 },
            messages: messages
        )
    }

    // MARK: The answer

    private func submit(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        let asked = try await asked(person, form)
        // Before anything is judged: nobody proves themselves for nothing.
        if asked.isGone { return gone(asked, []) }
        if asked.isProven { return try await goOn(person, asked, renewed: nil) }
        let answer = try await judge(person, form, asked)
        switch answer.outcome {
        case .renewed: return try await goOn(person, asked, renewed: answer.sessionToken)
        case .refused(let refusal): return try refused(person, asked, refusal)
        case .endedByWrongProofs:
            return web.redirect("/sign-in", cookies: [web.cookies.clear(.session)], notice: .wrongProofs)
        // Sent twice, perhaps: the first answer brings a new cookie, which must not be cleared.
        case .signedOut: return web.redirect("/sign-in")
        case .checkPassword, .done, .enrolmentBegun, .pairRefused, .configured, .needsProof: throw PageError.broken
        }
    }

    private func judge(_ person: PersonCall, _ form: Form, _ asked: Asked) async throws -> OwnService.Answer {
        let own = web.services.own
        let (session, source) = (person.view.session, person.call.source)
        // A program may send the stronger one where the page asks for the password.
        if asked.asksToken || (person.view.hasTwoFactor && !form.one("token").isEmpty) {
            return try await own.run(session, .prove(ProofCode(typed: form.one("token"))), source: source)
        }
        let typed = form.one("password")
        // What is nobody's password is not hashed, and counts as a wrong one all the same.
        let password = Password(utf8: typed.utf8.count <= PasswordPolicy.maximumBytes ? typed : "")
        let need = asked.need
        return try await own.run(session, password: password, source: source) { .provePassword($0, need) }
    }

    private func refused(_ person: PersonCall, _ asked: Asked, _ refusal: OwnRefusal) throws -> Response {
        let unprocessable = HTTPResponse.Status.unprocessableContent
        switch refusal {
        case .wrongPassword:
            let message = PublicMessage.wrongOwnPassword
            return try page(person, unprocessable, asked, [message], ["passwordError": PublicMessage.typeAgain])
        case .tokenRefused:
            let message = PublicMessage.tokenRefused(next: Ring.secondsLeft(at: web.services.now))
            return try page(person, unprocessable, asked, [message], ["tokenError": "Type the next one."])
        case .tooManyAttempts(let seconds):
            var response = try page(person, .tooManyRequests, asked, [.tooManyAttempts(seconds)])
            response.headers[.retryAfter] = String(seconds)
            return response
        case .factorClosed: return try page(person, .tooManyRequests, asked, [.factorClosed])
        // The factor came or went while the page was open.
        case .notFound: return web.redirect(LocalAddress.text(Self.path, query(asked)))
        case .unavailable: throw PageError.unavailable
        case .accessDenied, .adminFirst, .requiredByAccount, .tooManyAuthenticators: throw PageError.broken
        }
    }

    private func query(_ asked: Asked) -> [(name: String, value: String)] {
        [("return_to", asked.returnTo), ("post", asked.postID)]
    }

    // MARK: What waited

    private func gone(_ asked: Asked, _ cookies: [String]) -> Response {
        web.redirect(asked.returnTo, cookies: cookies, notice: .waitingPostGone)
    }

    /// - Parameter renewed: the session's new token; nil when the old one goes on.
    private func goOn(_ person: PersonCall, _ asked: Asked, renewed: BearerToken?) async throws -> Response {
        let cookies = renewed.map { [web.cookies.set(.session, $0.text)] } ?? []
        guard !asked.postID.isEmpty else { return web.redirect(asked.returnTo, cookies: cookies) }
        var request = person.call.request
        var response: Response
        do {
            guard let token = renewed ?? web.cookies.token(.portalSession, in: request), let id = asked.post?.id,
                let post = try await web.services.waitingPosts.takePost(
                    id,
                    of: person.view.session.id,
                    at: web.services.now
                )
            else { return gone(asked, cookies) }
            request = try self.request(post, token, request)
            response = try await pages.respond(to: request, context: person.call.context)
        } catch {
            // Answered here, since an error that went further up would lose the session's new token.
            response = await web.answer(error, request, person.call.context)
        }
        web.adopt(cookies, in: &response)
        return response
    }

    /// The post as it was sent, in the session as it is now.
    private func request(_ post: WaitingPost, _ token: BearerToken, _ asked: Request) throws -> Request {
        let form = try WaitingContent(encoded: post.content).form
        var head = asked.head
        head.method = .post
        head.path = post.path
        head.headerFields[.cookie] = web.cookies.header(.session, token.text)
        head.headerFields[.contentType] = "application/x-www-form-urlencoded"
        head.headerFields[.contentLength] = String(form.count)
        return Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: form)))
    }
}

extension PublicMessage {
    static let proofRequired = PublicMessage(
        "proof_required",
        "It is more than \(SessionProof.lifetimeSeconds / 60) minutes since you last typed a token. "
            + "Type the one that your app shows now.",
        .information
    )
    static let passwordProofRequired = PublicMessage(
        "proof_required",
        "You logged in some time ago, so your password is asked once more.",
        .information
    )
    static let waitingPostGone = PublicMessage(
        "proof_required",
        "What you sent does not wait any more: it was done already, or it took too long. Look before you send it again.",
        .caution
    )
}
