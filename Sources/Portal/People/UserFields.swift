import Accounts
import Secrets
import SignIn

/// What Setup > Users and the page of one person are filled with.
struct UserFields {
    let view: SessionView

    private var time: TimeText { TimeText(zone: view.account.timeZone) }

    // MARK: The list

    func row(_ summary: UserSummary) -> Fields {
        let user = summary.user
        let rights = UserRights(view: view, summary: summary)
        var row: Fields = [
            "rowHref": "/setup/users/\(user.id)", "rowName": user.displayName, "rowLogin": user.login,
            "rowIsAdmin": user.isAccountAdmin, "rowIsConfigured": summary.hasTwoFactor,
            "rowLastSignIn": summary.lastSignInAt.map(time.minute) ?? "Never",
            "rowIsEnabled": user.isEnabled && summary.hasPassword, "rowIsDisabled": !user.isEnabled,
            "rowIsInvited": user.isEnabled && summary.isInvited,
            "rowIsReset": user.isEnabled && !summary.hasPassword && !summary.isInvited,
            "rowCanResetTwoFactor": rights.offers(.resetTwoFactor),
            "rowCanResetPassword": rights.offers(.resetPassword), "rowCanEndSessions": rights.offers(.endSessions),
            "rowCanEnable": rights.offers(.enable), "rowCanDisable": rights.offers(.disable),
            "rowCanDelete": rights.offers(.delete),
        ]
        if !summary.roleNames.isEmpty {
            row["rowRoles"] = summary.roleNames.joined(separator: ", ")
        } else if !user.isAccountAdmin {
            row["rowRoles"] = "None"
        }
        return row
    }

    /// - Parameter chosen: the ids that are ticked, as text, so that a refused form keeps its ticks.
    static func roles(_ roles: [Role], chosen: [String]) -> [Fields] {
        roles.map { role in
            var row: Fields = [
                "roleID": role.id.description, "roleName": role.name, "roleDescription": false,
                "roleIsChecked": chosen.contains(role.id.description),
            ]
            if !role.description.isEmpty { row["roleDescription"] = role.description }
            return row
        }
    }

    // MARK: One person

    func detail(_ detail: UserDetail, roles: [Role]) -> Fields {
        let summary = detail.summary
        let user = summary.user
        let isLast =
            user.isAccountAdmin && user.isEnabled && summary.hasPassword && detail.otherAbleAdmins == 0
        let rights = UserRights(view: view, summary: summary, isLastAdmin: isLast)
        var fields: Fields = [
            "userID": user.id.description, "name": user.displayName, "login": user.login, "isSelf": rights.isSelf,
            "isAccountAdmin": user.isAccountAdmin, "isDisabled": !user.isEnabled,
            "isInvited": user.isEnabled && summary.isInvited, "isConfigured": summary.hasTwoFactor,
            "isRequired": view.account.requiresTwoFactor, "recoveryLeft": String(detail.recoveryCodesLeft),
            "isFactorClosed": detail.isFactorClosed, "canEditRoles": rights.isAdmin,
            "roles": Self.roles(roles, chosen: detail.roleIDs.map(\.description)),
            "passwordSetOn": passwordSet(detail), "sessionCount": CountText.of(detail.sessions),
            "agentSessionCount": CountText.of(detail.agentSessions), "createdOn": time.day(detail.createdAt),
        ]
        fields["notConfiguredSentence"] =
            view.account.requiresTwoFactor ? "It is set up at the next sign-in." : "Logs in with the password alone."
        fields["roleNames"] = summary.roleNames.isEmpty ? "None" : summary.roleNames.joined(separator: ", ")
        fields["lastSignIn"] = summary.lastSignInAt.map(time.minute) ?? "Never"
        if !user.email.isEmpty { fields["email"] = user.email }
        if let configuredAt = detail.configuredAt { fields["configuredOn"] = time.day(configuredAt) }
        for (key, action) in Self.offers { fields[key] = rights.offers(action) }
        fields.merge(refusals(rights, user)) { $1 }
        return fields
    }

    private static let offers: [(String, UserAction)] = [
        ("canResetTwoFactor", .resetTwoFactor), ("canGrantAdmin", .grantAdmin), ("canRevokeAdmin", .revokeAdmin),
        ("canResetPassword", .resetPassword), ("canEndSessions", .endSessions), ("canEnable", .enable),
        ("canDisable", .disable), ("canDelete", .delete),
    ]

    private func passwordSet(_ detail: UserDetail) -> String {
        guard detail.summary.hasPassword else {
            return detail.summary.isInvited ? "Not yet" : "Reset; the link waits to be used"
        }
        return detail.passwordChangedAt.map(time.day) ?? "Not known"
    }

    /// Why something is not offered, where a reader would look for it.
    private func refusals(_ rights: UserRights, _ user: User) -> Fields {
        guard rights.mayManage || user.isAccountAdmin else {
            return ["readOnlyReason": "Your role lets you view this, not change it."]
        }
        let adminsOnly = "Only an Account Admin can change this."
        guard rights.mayManage else { return ["readOnlyReason": "Only an Account Admin changes an Account Admin."] }
        var fields: Fields = [:]
        if !rights.isAdmin {
            fields["resetTwoFactorRefusal"] = adminsOnly
            fields["adminRefusal"] = adminsOnly
        } else if rights.isSelf {
            fields["resetTwoFactorRefusal"] = "Your own is changed on your own page, with a token."
        }
        if rights.isLastAdmin {
            fields["adminRefusal"] = PublicMessage.lastAdmin.text
            fields["stateRefusal"] = PublicMessage.lastAdmin.text
        } else if rights.isSelf {
            fields["stateRefusal"] = "Somebody else can disable or delete your login."
        }
        return fields
    }
}
