import Accounts
import OneTimePassword
import QRCode
import Secrets
import SignIn

/// The three steps with QR code, secret and two boxes, for sign-in and Details alike.
struct EnrolmentPanel: Sendable {
    let pending: PendingEnrolment
    let user: User
    let account: Account

    /// Old apps read the issuer from the label, others from the parameter; both get the account's name, so that a
    /// person with several accounts can tell the entries apart.
    func fields(_ web: Web, action: String, cancel: String?, typed: Form?, refusal: PublicMessage?) throws -> Fields {
        let uri = OTPKeyURI(
            issuer: "Countersign \(account.name)",
            accountName: user.login,
            secret: pending.secret
        ).string
        let symbol = try QRSymbol(text: uri)
        var fields: Fields = [
            "enrolAction": action, "ringClass": Ring.name(at: web.services.now),
            "qrSVG": symbol.svg(id: "totp-qr", title: "QR code with the secret for \(user.login)"),
            "secretGrouped": pending.secret.grouped, "uri": uri,
            "expirySentence": expirySentence(web),
        ]
        // Within sign-in the name is not asked: one thing less between a person and the portal.
        fields["asksName"] = cancel != nil
        if let cancel { fields["cancelAction"] = cancel }
        if let typed, !typed["name"].isEmpty { fields["authenticatorName"] = typed["name"] }
        // The alert above says what is wrong.
        if refusal != nil { fields["token1Error"] = "Type two new codes, one after the other." }
        return fields
    }

    private func expirySentence(_ web: Web) -> String {
        let minutes = max(1, (pending.expiresAt.seconds - web.services.now.seconds + 59) / 60)
        return "This secret waits \(minutes) minute\(minutes == 1 ? "" : "s") for you."
    }
}

/// Fresh recovery codes, until the person says that they are kept.
enum RecoveryCodesPage {
    static func fields(_ view: OwnView, action: String, refused: Bool, web: Web) -> Fields {
        let codes = view.unkeptRecoveryCodes.map(\.text)
        let login = view.subject.user.login
        let account = view.subject.account
        let date = TimeText(zone: account.timeZone).day(web.services.now)
        let text = """
            Countersign recovery codes for \(login), \(account.name), \(date)
            Each works once, in the place of a token.

            \(codes.joined(separator: "\n"))

            """
        var fields: Fields = [
            "codesLogin": login, "codesAccount": account.name, "codesDate": date, "recoveryCodes": codes,
            "downloadHref": "data:text/plain;charset=utf-8," + LocalPath.queryValue(text), "keptAction": action,
        ]
        if refused { fields["keptError"] = "Tick this once you have them." }
        return fields
    }
}
