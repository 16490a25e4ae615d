import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// A change that was not made, as the page that asked for it says it.
struct ChangeRefusal: Sendable {
    let reason: AdministrationRefusal
    let status: HTTPResponse.Status
    let message: PublicMessage

    private init(_ reason: AdministrationRefusal, _ status: HTTPResponse.Status, _ message: PublicMessage) {
        self.reason = reason
        self.status = status
        self.message = message
    }

    /// What no page of its own can say is thrown: the door was shut, or there is nothing behind it.
    static func page(for refusal: AdministrationRefusal) throws -> ChangeRefusal {
        switch refusal {
        case .sessionEnded: throw SessionEnded()
        case .accessDenied: throw PageError.accessDenied
        case .notFound: throw PageError.notFound
        case .lastAdmin: ChangeRefusal(refusal, .unprocessableContent, .lastAdmin)
        case .configureOwnFirst: ChangeRefusal(refusal, .unprocessableContent, .configureOwnFirst)
        case .adminFirst: ChangeRefusal(refusal, .unprocessableContent, .adminFirst)
        case .twoFactorRequired: ChangeRefusal(refusal, .forbidden, .stepUp)
        case .ownLogin: ChangeRefusal(refusal, .forbidden, .ownLogin)
        case .exceedsOwnPermissions: ChangeRefusal(refusal, .forbidden, .exceedsOwnPermissions)
        case .loginTaken: ChangeRefusal(refusal, .unprocessableContent, .loginTaken)
        case .roleNameTaken: ChangeRefusal(refusal, .unprocessableContent, .roleNameTaken)
        case .loginReserved: ChangeRefusal(refusal, .unprocessableContent, .loginReserved)
        }
    }
}

extension PublicMessage {
    static let ownLogin = PublicMessage(
        "access_denied",
        "Your own password and authenticators are changed on your own page, with the password or a token.",
        .danger,
        link: ("/own", "Open your own page")
    )
    static let loginTaken = PublicMessage("form_refused", "This login is taken.", .danger)
    static let roleNameTaken = PublicMessage("form_refused", "Another role has this name.", .danger)
    static let loginReserved = PublicMessage(
        "form_refused",
        "This login was somebody else’s, who opened applications with it. They know people by their login, so it stays "
            + "theirs for a year. Choose another one, or ask whoever runs the server.",
        .danger
    )
    static let exceedsOwnLogin = PublicMessage(
        "access_denied",
        "This login has more than you have yourself. An Account Admin can enable it.",
        .danger
    )
    static let exceedsOwnPermissions = PublicMessage(
        "access_denied",
        "These roles give more than you have yourself. Choose others, or ask an Account Admin.",
        .danger
    )
}

extension Web {
    /// Asks the store for a change of the acting person's account; the rule decides inside the transaction.
    /// - Returns: nil when the change was made.
    func change(
        _ person: PersonCall,
        _ event: AdministrationEvent,
        of target: User.ID? = nil
    ) async throws -> ChangeRefusal? {
        let decision = try await services.administration.administer(
            person.view.account.id,
            actor: person.actor,
            target: target,
            event: event,
            at: services.now
        )
        switch decision {
        case .accepted: return nil
        case .needsProof(let entry): throw ProofRequired(for: entry)
        case .refused(let refusal): return try ChangeRefusal.page(for: refusal)
        }
    }
}

extension Form {
    /// A switch: its page sends a hidden `off`, and an `on` behind it when it is on. Anything else is no answer.
    func state(of name: String) -> Bool? {
        let values = all(name)
        if values == ["on"] || values == ["off", "on"] { return true }
        return values == ["off"] ? false : nil
    }
}

extension Confirmation {
    /// The page with what it needs beyond the common fields, or drawn again after a refusal.
    func page(
        _ web: Web,
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        at place: Place,
        messages: [PublicMessage] = [],
        adding extra: Fields
    ) -> Response {
        web.portal(
            person,
            status,
            title: heading,
            at: place,
            "confirm",
            fields.merging(extra) { $1 },
            messages: messages
        )
    }
}
