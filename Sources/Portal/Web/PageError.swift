import HTTPTypes

/// An answer that ends a request early: a status, a stable code, a sentence for people; never a cause.
struct PageError: Error, Sendable {
    let status: HTTPResponse.Status
    let message: PublicMessage
    let heading: String
    var retryAfter: Int64?
    /// The methods that would be taken, with a 405.
    var allow: String?

    init(
        _ status: HTTPResponse.Status,
        _ message: PublicMessage,
        heading: String,
        retryAfter: Int64? = nil
    ) {
        self.status = status
        self.message = message
        self.heading = heading
        self.retryAfter = retryAfter
    }

    static let notFound = PageError(
        .notFound,
        PublicMessage("not_found", "There is no page at this address, or it is not for your login.", .danger),
        heading: "Not found"
    )
    static let accessDenied = PageError(.forbidden, .accessDenied, heading: "Not for your role")
    static let formRefused = PageError(
        .unprocessableContent,
        PublicMessage("form_refused", "This form cannot be read. Go back and send it again.", .danger),
        heading: "This cannot be used"
    )
    static let tooLarge = PageError(
        .contentTooLarge,
        PublicMessage("form_refused", "This is more than the portal takes.", .danger),
        heading: "Too large"
    )
    static let conflict = PageError(
        .unprocessableContent,
        PublicMessage("form_refused", "Something changed at the same moment. Try again.", .danger),
        heading: "Try again"
    )
    static let spent = PageError(
        .gone,
        PublicMessage(
            "not_found",
            "It has been used or has expired. If you have a password, log in; if not, ask for a new link.",
            .danger
        ),
        heading: "This link is no longer good"
    )
    static let unavailable = PageError(.serviceUnavailable, .unavailable, heading: "Not available", retryAfter: 2)
    static let broken = PageError(
        .internalServerError,
        PublicMessage("unavailable", "Something went wrong here. Nothing was changed.", .danger),
        heading: "Something went wrong"
    )

    static func methodNotAllowed(_ allow: String) -> PageError {
        var error = PageError(
            .methodNotAllowed,
            PublicMessage("method_not_allowed", "This address is not used in this way.", .danger),
            heading: "Not in this way"
        )
        error.allow = allow
        return error
    }

    static func crossSite(_ origin: String) -> PageError {
        PageError(
            .forbidden,
            PublicMessage(
                "cross_site",
                "This form came from another site. The portal's address is \(origin); open it there.",
                .danger
            ),
            heading: "Wrong address"
        )
    }
}
