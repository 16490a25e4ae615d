package import Accounts
package import Secrets
package import SignIn

/// Whether a credential opens an application, time left aside: values from values.
package enum AccessRules {
    /// What a path asks for, or why the path itself is refused.
    package static func requirement(
        _ target: some StringProtocol,
        in application: Application
    ) -> Result<PathRequirement, PathProblem> {
        guard application.rules.isEmpty else {
            return SentPath.reading(target).map { PathRequirement.of($0, in: application) }
        }
        if !application.allowsEncodedPaths, let problem = SentPath.problem(in: target) { return .failure(problem) }
        return .success(PathRequirement(need: .session(application.assurance)))
    }

    /// A session of the application against what is needed.
    package static func judge(
        _ visit: ApplicationVisit,
        in application: Application,
        needs assurance: Assurance,
        at now: UnixTime
    ) -> AccessReason {
        guard visit.session.applicationID == application.id else { return .sessionOfAnotherApplication }
        guard visit.session.isOf(application) else { return .sessionEnded }
        // The portal's own door, so that no session opens an application which opens no page (threats C13).
        guard SessionGate.verdict(visit.portal, at: now) == .open else { return .sessionEnded }
        guard now < visit.end(in: application) else { return .sessionTooOld }
        return judge(visit.portal, roles: visit.roles.keys, in: application, needs: assurance)
    }

    /// A portal session that is open, against the application: what the hand-over and the launcher ask.
    package static func judge(
        _ view: SessionView,
        roles: some Sequence<Role.ID>,
        in application: Application,
        needs assurance: Assurance
    ) -> AccessReason {
        guard application.admits(view.user, roles: roles) else { return .roleMissing }
        let needed = view.account.requiresTwoFactor ? .twoFactor : assurance
        if needed == .twoFactor, !view.session.methods.passedTwoFactor { return .twoFactorMissing }
        return .session
    }

    /// An API token against the application; its owner must still be somebody who may use it.
    package static func judge(_ bearer: APITokenBearer, in application: Application, at now: UnixTime) -> AccessReason {
        guard bearer.visitor.user.isEnabled, now < bearer.token.expiresAt else { return .tokenRefused }
        guard bearer.token.applicationIDs.contains(application.id) else { return .tokenOfAnotherApplication }
        guard application.admits(bearer.visitor.user, roles: bearer.visitor.roles.keys) else { return .roleMissing }
        // Whatever was planted before two-factor was required does not outlive it.
        if bearer.requiresTwoFactor, !bearer.hasTwoFactor { return .tokenRefused }
        return .apiToken
    }
}
