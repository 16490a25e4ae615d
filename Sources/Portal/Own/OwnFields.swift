import Accounts
import Foundation
import Secrets
import SignIn

/// What the pages about one's own login are filled with.
struct OwnFields {
    let own: OwnView
    let view: SessionView
    let home: OwnRoutes.Home
    let now: UnixTime

    private var user: User { own.subject.user }
    private var account: Account { own.subject.account }
    private var time: TimeText { TimeText(zone: account.timeZone) }

    var all: Fields {
        var fields = profile
        fields.merge(twoFactor) { $1 }
        if home == .details { fields.merge(accountData) { $1 } }
        let live = own.sessions.filter { $0.isLive(at: now, limits: account.sessionLimits) }.count
        fields["base"] = home.base
        fields["sessionsSentence"] = "You are logged in on \(live) browser\(live == 1 ? "" : "s")."
        return fields
    }

    private var accountData: Fields {
        var fields: Fields = [
            "canEditAccount": view.permissions.accounts == .manage, "accountName": account.name,
            "timeZone": account.timeZone, "accountID": account.id.description,
            "timeZones": Self.zones.map { zone -> Fields in
                ["zoneID": zone, "zoneLabel": zone, "zoneIsSelected": zone == account.timeZone]
            },
        ]
        if !account.email.isEmpty { fields["accountEmail"] = account.email }
        return fields
    }

    private static let zones = Set(TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") } + ["UTC"]).sorted()

    private var profile: Fields {
        var fields: Fields = [
            "canEditProfile": home == .own || view.permissions.accounts == .manage, "login": user.login,
            "passwordHelp": PublicMessage.passwordHelp,
            "roleNames": user.isAccountAdmin ? "Account Admin" : accessText,
        ]
        if !user.name.isEmpty { fields["name"] = user.name }
        if !user.email.isEmpty { fields["email"] = user.email }
        return fields
    }

    /// What the roles come to; their names are for those who give them.
    private var accessText: String {
        let open = Tab.allCases.filter { view.permissions[$0] != .hidden }
            .map { "\($0.rawValue.capitalized) (\(view.permissions[$0].rawValue))" }
        return open.isEmpty ? "This page only" : open.joined(separator: ", ")
    }

    private var twoFactor: Fields {
        let subject = own.subject
        var fields: Fields = [
            "isRequired": account.requiresTwoFactor, "isConfigured": subject.hasTwoFactor,
            "recoveryLeft": String(own.recoveryCodesLeft), "isRecoveryLow": own.recoveryCodesLeft < 3,
            "isRecovered": view.session.recoveryUntil.map { now < $0 } ?? false,
            "isSecondAdminRecommended": user.isAccountAdmin && own.enabledAdmins < 2,
            "canManageUsers": view.permissions.setup == .manage,
            "authenticators": subject.authenticators.enumerated().map { index, authenticator -> Fields in
                [
                    "rowID": authenticator.id.description, "rowName": authenticator.name,
                    "rowAdded": time.day(authenticator.createdAt),
                    "rowLastUsed": authenticator.lastUsedAt.map(time.minute) ?? "Not yet", "rowIsSelected": index == 0,
                ]
            },
        ]
        if let first = subject.authenticators.first { fields["configuredOn"] = time.day(first.createdAt) }
        addEnabling(&fields)
        let isLast = subject.authenticators.count == 1
        fields["canRemove"] = subject.hasTwoFactor && !(isLast && account.requiresTwoFactor)
        if isLast, account.requiresTwoFactor {
            fields["removeRefusal"] = "Your account requires two factor authentication, so the last one stays."
        }
        fields["removeConsequence"] =
            isLast
            ? "Without it you log in with your password alone. All other sessions are ended."
            : "Its tokens stop working at once. All other sessions are ended."
        return fields
    }

    private func addEnabling(_ fields: inout Fields) {
        let refusal = EnableRule.refusal(own.subject, byChoice: home == .details)
        fields["canEnable"] = refusal == nil && own.subject.authenticators.count < Authenticator.maximumPerUser
        switch refusal {
        case .adminFirst:
            fields["enableRefusal"] = PublicMessage.adminFirst.text
            fields["enableRefusalCode"] = PublicMessage.adminFirst.code
        case .accessDenied:
            fields["enableRefusal"] =
                view.permissions.accounts >= .view
                ? "Enable it on Accounts > Details."
                : "It is enabled on Accounts > Details, which your role does not include."
        default: break
        }
    }
}
