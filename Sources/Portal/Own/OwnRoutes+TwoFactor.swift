import Accounts
import HTTPTypes
import Hummingbird
import OneTimePassword
import Secrets
import SignIn

/// Which fields of the page a refusal points at.
struct OwnErrorFields: Sendable {
    var password = ""
    var token = ""
    var open = ""
    /// Ticks that stay as they were sent.
    var kept: [String] = []

    static let password = OwnErrorFields(password: "currentPasswordError", token: "passwordTokenError")
    static let enable = OwnErrorFields(
        password: "enablePasswordError",
        token: "enableTokenError",
        open: "isEnableOpen"
    )
    static let replace = OwnErrorFields(
        password: "replacePasswordError",
        token: "replaceTokenError",
        open: "isReplaceOpen"
    )
    static let remove = OwnErrorFields(
        password: "removePasswordError",
        token: "removeTokenError",
        open: "isRemoveOpen"
    )
}

/// Enabling, the panel, removing, recovery codes.
extension OwnRoutes {
    func enable(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        guard let password = password(form.one("password")) else {
            return try await refused(person, .wrongPassword, fields: .enable)
        }
        let byChoice = home == .details
        let answer = try await web.services.own.run(
            person.view.session,
            password: password,
            source: person.call.source
        ) { .enable($0, ProofCode(typed: form.one("token")), byChoice: byChoice) }
        return try await conclude(person, answer, .enable) { web.redirect("\(base)/two-factor", cookies: $0) }
    }

    // MARK: The panel

    func showPanel(_ person: PersonCall) async throws -> Response {
        let own = try await own(person)
        guard let pending = pending(own, person) else { return web.redirect(base) }
        return try panelPage(person, .ok, own, pending, typed: nil, refusal: nil)
    }

    func submitPair(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        guard let name = PersonText(form["name"], allowsEmpty: true) else { throw PageError.formRefused }
        let event = OwnEvent.pairSubmitted(
            OneTimeCode(form.one("token1")),
            OneTimeCode(form.one("token2")),
            name: name.text
        )
        let answer = try await web.services.own.run(person.view.session, event, source: person.call.source)
        switch answer.outcome {
        case .pairRefused(let judgement, let pending):
            return try panelPage(
                person,
                .unprocessableContent,
                try await own(person),
                pending,
                typed: form,
                refusal: .pairRefused(judgement)
            )
        case .configured(_, let newCodes):
            let cookies = renewed(person, answer)
            return newCodes
                ? web.redirect("\(base)/recovery-codes", cookies: cookies)
                : web.redirect(base, cookies: cookies, notice: .twoFactorConfigured)
        case .refused(.notFound):
            return web.redirect(base)
        default:
            return try await conclude(person, answer, .enable) { web.redirect(base, cookies: $0) }
        }
    }

    private func pending(_ own: OwnView, _ person: PersonCall) -> PendingEnrolment? {
        guard let pending = own.subject.pending, pending.sessionID == person.view.session.id,
            web.services.now < pending.expiresAt
        else { return nil }
        return pending
    }

    private func panelPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ own: OwnView,
        _ pending: PendingEnrolment,
        typed: Form?,
        refusal: PublicMessage?
    ) throws -> Response {
        let panel = EnrolmentPanel(pending: pending, user: own.subject.user, account: own.subject.account)
        var fields = try panel.fields(
            web,
            action: "\(base)/two-factor",
            cancel: "\(base)/two-factor/cancel",
            typed: typed,
            refusal: refusal
        )
        fields["base"] = base
        fields["backLabel"] = home.backLabel
        return web.portal(
            person,
            status,
            title: "Two Factor Authentication",
            at: home.place,
            "two_factor",
            fields,
            messages: refusal.map { [$0] } ?? []
        )
    }

    func confirmCancel(_ person: PersonCall) async throws -> Response {
        Confirmation(
            heading: "Cancel setting up?",
            sentence: "The secret that you saw becomes void. You can begin again at any time.",
            action: "\(base)/two-factor/cancel",
            confirmLabel: "Cancel setting up",
            cancelHref: "\(base)/two-factor"
        ).page(web, person, at: home.place)
    }

    func cancel(_ person: PersonCall) async throws -> Response {
        _ = try await web.services.own.run(person.view.session, .cancelEnrolment, source: person.call.source)
        return web.redirect(base, notice: .enrolmentCancelled)
    }

    func remove(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        guard let id = Authenticator.ID(form["authenticator"]) else { throw PageError.notFound }
        guard let password = password(form.one("password")) else {
            return try await refused(person, .wrongPassword, fields: .remove)
        }
        let answer = try await web.services.own.run(
            person.view.session,
            password: password,
            source: person.call.source
        ) { .removeAuthenticator(id, $0, ProofCode(typed: form.one("token"))) }
        return try await conclude(person, answer, .remove) {
            web.redirect(base, cookies: $0, notice: .twoFactorRemoved)
        }
    }

    /// After a sign-in by recovery code: the lost phone's place can be taken now.
    func showNewPhone(_ person: PersonCall) async throws -> Response {
        let target = LocalPath.afterSignIn(person.call.query["return_to"])
        let own = try await own(person)
        guard own.subject.hasTwoFactor, let until = person.view.session.recoveryUntil, web.services.now < until else {
            return web.redirect(target)
        }
        let fields: Fields = [
            "replaceAction": "/own/two-factor/enable", "skipHref": target, "showPassword": true,
            "recoveryLeft": String(own.recoveryCodesLeft),
        ]
        return web.card(
            person.call,
            title: "Set up your new phone",
            "sign_in_recovered",
            fields,
            accountName: person.view.account.name
        )
    }

    // MARK: Recovery codes

    private static let replaced = "because=replaced"

    func showCodes(_ person: PersonCall) async throws -> Response {
        try await codesPage(person, .ok, refused: false)
    }

    func keepCodes(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        guard form["kept"] == "on" else { return try await codesPage(person, .unprocessableContent, refused: true) }
        _ = try await web.services.own.run(person.view.session, .keepRecoveryCodes, source: person.call.source)
        return web.redirect(base)
    }

    private func codesPage(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        refused: Bool
    ) async throws -> Response {
        let own = try await own(person)
        guard person.view.session.methods.passedTwoFactor, !own.unkeptRecoveryCodes.isEmpty else {
            return web.redirect(base)
        }
        // Each of them is a proof: an old session must not find one here.
        guard person.hasFreshFactor else { return ConfirmRoutes.redirect(web, to: person.call.returnPath) }
        let isReplaced = person.call.query["because"] == "replaced"
        let action = "\(base)/recovery-codes" + (isReplaced ? "?\(Self.replaced)" : "")
        return web.portal(
            person,
            status,
            title: "Recovery codes",
            at: home.place,
            "recovery_codes_page",
            RecoveryCodesPage.fields(own, action: action, refused: refused, web: web),
            messages: [isReplaced ? .recoveryCodesReplaced : .twoFactorConfigured]
                + (refused ? [.keepCodesFirst] : [])
        )
    }

    func replaceCodes(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        guard let password = password(form.one("password")) else {
            return try await refused(person, .wrongPassword, fields: .replace)
        }
        let answer = try await web.services.own.run(
            person.view.session,
            password: password,
            source: person.call.source
        ) { .replaceRecoveryCodes($0, ProofCode(typed: form.one("token"))) }
        return try await conclude(person, answer, .replace) {
            web.redirect("\(base)/recovery-codes?\(Self.replaced)", cookies: $0)
        }
    }

    // MARK: Answers

    /// From an outcome to a page.
    /// - Parameter accepted: gets the cookies of a renewed session.
    func conclude(
        _ person: PersonCall,
        _ answer: OwnService.Answer,
        _ errors: OwnErrorFields,
        _ accepted: ([String]) -> Response
    ) async throws -> Response {
        switch answer.outcome {
        case .done: return accepted([])
        case .renewed, .configured, .enrolmentBegun:
            return accepted(renewed(person, answer))
        // The browser's cookie is left alone: where the form was sent twice a new one is on its way.
        case .signedOut: return web.redirect("/sign-in")
        case .refused(let refusal): return try await refused(person, refusal, fields: errors)
        case .needsProof(let need, let entry): throw ProofRequired(need, for: entry)
        case .checkPassword, .pairRefused, .endedByWrongProofs: throw PageError.broken
        }
    }

    func refused(
        _ person: PersonCall,
        _ refusal: OwnRefusal,
        fields: OwnErrorFields
    ) async throws -> Response {
        var extra: Fields = [:]
        for name in fields.kept + (fields.open.isEmpty ? [] : [fields.open]) { extra[name] = true }
        let message: PublicMessage
        var status = HTTPResponse.Status.unprocessableContent
        switch refusal {
        case .wrongPassword:
            message = .wrongOwnPassword
            extra[fields.password] = message.text
        case .tokenRefused:
            message = .tokenRefused(next: Ring.secondsLeft(at: web.services.now))
            if !fields.token.isEmpty { extra[fields.token] = message.text }
        case .tooManyAttempts(let seconds):
            var response = try await show(person, .tooManyRequests, messages: [.tooManyAttempts(seconds)], extra)
            response.headers[.retryAfter] = String(seconds)
            return response
        case .factorClosed:
            message = .factorClosed
            status = .tooManyRequests
        case .accessDenied: throw PageError.accessDenied
        case .adminFirst:
            message = .adminFirst
            status = .forbidden
        case .requiredByAccount:
            message = PublicMessage(
                "two_factor_required",
                "Your account requires two factor authentication. The last authenticator stays.",
                .danger
            )
            status = .forbidden
        case .tooManyAuthenticators:
            message = PublicMessage("form_refused", "This login has 8 authenticators. Remove one first.", .danger)
        case .notFound: throw PageError.notFound
        case .unavailable: throw PageError.unavailable
        }
        return try await show(person, status, messages: [message], extra)
    }

    /// The cookies of a session that goes on under another token.
    private func renewed(_ person: PersonCall, _ answer: OwnService.Answer) -> [String] {
        [web.cookies.set(.session, answer.sessionToken.text)]
            + (answer.browserToken.map { web.knownBrowser(person.call, $0, person.view.user.id) } ?? [])
    }
}
