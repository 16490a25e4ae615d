import Accounts
import Gateway
import Secrets
import SignIn
import Testing

@Suite("Who gets in")
struct AccessRulesTests {
    private func judge(
        _ visit: ApplicationVisit,
        _ application: Application,
        needs assurance: Assurance = .twoFactor
    ) -> AccessReason {
        AccessRules.judge(visit, in: application, needs: assurance, at: Make.now)
    }

    @Test("A live session that passed two-factor opens its application")
    func open() {
        let application = Make.application()
        #expect(judge(Make.visit(application), application) == .session)
    }

    @Test("The session of another application opens nothing")
    func foreign() {
        #expect(judge(Make.visit(Make.application()), Make.application()) == .sessionOfAnotherApplication)
    }

    @Test("Roles let in whoever has one of them, and an Account Admin always")
    func roles() {
        let wanted = Role.ID(random: Make.random)
        let application = Make.application(audience: .roles([wanted]))
        #expect(judge(Make.visit(application), application) == .roleMissing)
        #expect(
            judge(Make.visit(application, roles: [Role.ID(random: Make.random): "Other"]), application) == .roleMissing
        )
        #expect(judge(Make.visit(application, roles: [wanted: "Operators"]), application) == .session)
        #expect(judge(Make.visit(application, user: Make.user(isAdmin: true)), application) == .session)
    }

    @Test("When the last of its roles is deleted an application opens to nobody else")
    func noRoleLeft() {
        let application = Make.application(audience: .roles([]))
        #expect(judge(Make.visit(application), application) == .roleMissing)
        #expect(Audience(chosen: []) == .everybody)
    }

    @Test("Nobody of another account gets in, not even its Account Admin")
    func tenants() {
        let stranger = Make.user(isAdmin: true, account: Account.ID(random: Make.random))
        let application = Make.application()
        #expect(judge(Make.visit(application, user: stranger), application) == .roleMissing)
    }

    @Test("A password is enough where the application says so, unless the account requires more")
    func assurance() {
        let application = Make.application(assurance: .password)
        let onePassword = Make.visit(application, methods: [.password], hasTwoFactor: false)
        #expect(judge(onePassword, application, needs: .password) == .session)
        #expect(judge(onePassword, application, needs: .twoFactor) == .twoFactorMissing)
        let required = Make.visit(application, methods: [.password], hasTwoFactor: false, requiresTwoFactor: true)
        #expect(judge(required, application, needs: .password) == .sessionEnded)
        let skipped = Make.visit(application, methods: [.password], hasTwoFactor: true)
        #expect(judge(skipped, application, needs: .password) == .sessionEnded)
    }

    @Test("Disabled, idle, too old: the session has ended")
    func ended() {
        let application = Make.application()
        #expect(judge(Make.visit(application, user: Make.user(isEnabled: false)), application) == .sessionEnded)
        #expect(judge(Make.visit(application, age: 7_200, idle: 3_600), application) == .sessionEnded)
        #expect(judge(Make.visit(application, age: 12 * 3_600), application) == .sessionEnded)
    }

    @Test("An application may end its session before the portal's ends")
    func maximumAge() {
        let application = Make.application(sessionHours: 2)
        #expect(judge(Make.visit(application, age: 2 * 3_600 - 1), application) == .session)
        #expect(judge(Make.visit(application, age: 2 * 3_600), application) == .sessionTooOld)
    }

    @Test("An API token opens the applications that it names while its owner may use them")
    func tokens() {
        let wanted = Role.ID(random: Make.random)
        let application = Make.application(audience: .roles([wanted]))
        func judge(_ bearer: APITokenBearer, _ other: Application? = nil) -> AccessReason {
            AccessRules.judge(bearer, in: other ?? application, at: Make.now)
        }
        let roles = [wanted: "Operators"]
        #expect(judge(Make.bearer(application, roles: roles)) == .apiToken)
        #expect(judge(Make.bearer(application, roles: roles), Make.application()) == .tokenOfAnotherApplication)
        #expect(judge(Make.bearer(application)) == .roleMissing)
        #expect(judge(Make.bearer(application, roles: roles, lasting: 0)) == .tokenRefused)
        #expect(judge(Make.bearer(application, user: Make.user(isEnabled: false), roles: roles)) == .tokenRefused)
        let unready = Make.bearer(application, roles: roles, hasTwoFactor: false, requiresTwoFactor: true)
        #expect(judge(unready) == .tokenRefused)
    }

    @Test("A token is made in a session that passed two-factor, for applications that its maker may use")
    func makingTokens() {
        let mine = Make.application()
        let closed = Make.application(audience: .roles([Role.ID(random: Make.random)]))
        let visitor = Visitor(user: Make.user(), roles: [:])
        let entry = ActivityEntry(.apiTokenCreated, accountID: mine.accountID)
        func refusal(
            _ applications: Set<Application.ID>,
            passed: Bool = true,
            fresh: Bool = true,
            existing: Int = 0
        ) -> APITokenRefusal? {
            var token = Make.bearer(mine).token
            token.applicationIDs = applications
            return APITokenRules.refusal(
                of: token,
                methodsPassedTwoFactor: passed,
                hasFreshProof: fresh,
                visitor: visitor,
                applications: [mine, closed],
                existing: existing,
                entry: entry
            )
        }
        #expect(refusal([mine.id]) == nil)
        #expect(refusal([mine.id], passed: false) == .twoFactorRequired)
        #expect(refusal([]) == .noApplication)
        #expect(refusal([mine.id, closed.id]) == .applicationNotAllowed)
        #expect(refusal([Application.ID(random: Make.random)]) == .applicationNotAllowed)
        #expect(refusal([mine.id], existing: 50) == .tooMany)
        // A proof is asked for after every other refusal.
        #expect(refusal([mine.id], fresh: false) == .needsProof(entry))
        #expect(refusal([mine.id], passed: false, fresh: false) == .twoFactorRequired)
        #expect(refusal([], fresh: false) == .noApplication)
        #expect(refusal([mine.id], fresh: false, existing: 50) == .tooMany)
    }

    @Test("A ticket opens one application in one browser, for 30 seconds")
    func tickets() {
        let application = Application.ID(random: Make.random)
        let nonce = BearerToken(kind: .handOverNonce, random: Make.random).digest
        let user = Make.user()
        let ticket = HandOverTicket(
            digest: BearerToken(kind: .handOverTicket, random: Make.random).digest,
            applicationID: application,
            accountID: user.accountID,
            portalSessionID: PortalSession.ID(random: Make.random),
            userID: user.id,
            nonce: nonce,
            returnTo: "/",
            origin: "",
            expiresAt: Make.now + HandOverTicket.lifetimeSeconds
        )
        func refusal(_ at: Application.ID, _ nonce: TokenDigest, _ later: Int64) -> HandOverRefusal? {
            HandOverRules.refusal(of: ticket, at: at, nonce: nonce, now: Make.now + later)
        }
        #expect(refusal(application, nonce, 29) == nil)
        #expect(refusal(application, nonce, 30) == .expired)
        #expect(refusal(Application.ID(random: Make.random), nonce, 0) == .otherApplication)
        let other = BearerToken(kind: .handOverNonce, random: Make.random).digest
        #expect(refusal(application, other, 0) == .otherBrowser)
    }
}
