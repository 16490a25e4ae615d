import Accounts
import Secrets
import SignIn
import Testing

/// What may happen, by a name that a table can hold.
enum EventName: String, CaseIterable, CustomTestStringConvertible {
    case submitted, right, wrong, abandoned, token, wrongToken, noToken, recovery, wrongRecovery, newPassword, opened
    case pair, wrongPair, renewed, unreadable

    var testDescription: String { rawValue }

    var event: SignInEvent {
        switch self {
        case .submitted: .passwordSubmitted
        case .right: .passwordChecked(Fixture.rightPassword, chargedAt: Fixture.now)
        case .wrong: .passwordChecked(Fixture.wrongPassword, chargedAt: Fixture.now)
        case .abandoned: .passwordAbandoned(chargedAt: Fixture.now)
        case .token: .tokenSubmitted(Fixture.code())
        case .wrongToken: .tokenSubmitted(Fixture.wrongCode())
        case .noToken: .tokenSubmitted(nil)
        case .recovery: .recoveryCodeSubmitted(Fixture.recoveryCode)
        case .wrongRecovery: .recoveryCodeSubmitted(Fixture.digest(0x52))
        case .newPassword: .newPasswordHashed(Fixture.hash(9))
        case .opened: .enrolmentOpened
        case .pair:
            .pairSubmitted(Fixture.code(of: Fixture.pendingSecret), Fixture.code(1, of: Fixture.pendingSecret))
        case .wrongPair: .pairSubmitted(Fixture.wrongCode(), Fixture.wrongCode())
        case .renewed: .enrolmentRenewed
        case .unreadable: .passwordUnreadable
        }
    }
}

/// Where somebody stands, with the person who stands there in the ordinary course of things.
enum Place: String, CaseIterable, CustomTestStringConvertible {
    case nowhere, token, newPassword, enrolment, enrolmentPassword

    var testDescription: String { rawValue }

    var attempt: SignInAttempt? {
        switch self {
        case .nowhere: nil
        case .token: Fixture.attempt(.token)
        case .newPassword: Fixture.attempt(.newPassword)
        case .enrolment: Fixture.attempt(.enrolment)
        case .enrolmentPassword: Fixture.attempt(.enrolmentPassword)
        }
    }

    var subject: Subject {
        switch self {
        case .nowhere, .token: Fixture.configured()
        case .newPassword: Fixture.person { $0.mustChangePassword = true }
        case .enrolment, .enrolmentPassword: Fixture.required { $0.pending = Fixture.pending() }
        }
    }

    var world: World { World(subject, attempt: attempt) }
}

@Suite("Every stage and every event")
struct StageEventTests {
    struct Row: CustomTestStringConvertible {
        let place: Place
        let event: EventName
        let expected: String

        var testDescription: String { "\(place) \(event): \(expected)" }
    }

    /// What the password events come to after a right password.
    private static let afterPassword: [Place: String] = [
        .nowhere: "-> token", .token: "-> token", .newPassword: "-> new_password", .enrolment: "-> enrolment",
        .enrolmentPassword: "-> enrolment",
    ]

    /// What belongs to a stage; everything else is answered like an expired attempt.
    private static let belongs: [Place: [EventName: String]] = [
        .nowhere: [:],
        .token: [
            .token: "signed in", .wrongToken: "token refused", .noToken: "token refused", .recovery: "signed in",
            .wrongRecovery: "token refused",
        ],
        .newPassword: [.newPassword: "signed in"],
        .enrolment: [.opened: "show secret", .pair: "enrolled", .wrongPair: "pair refused", .renewed: "show secret"],
        .enrolmentPassword: [:],
    ]

    static let rows: [Row] = Place.allCases.flatMap { place in
        EventName.allCases.map { Row(place: place, event: $0, expected: expected(place, $0)) }
    }

    private static func expected(_ place: Place, _ event: EventName) -> String {
        switch event {
        case .submitted: "check hash"
        case .right: afterPassword[place] ?? ""
        case .wrong, .unreadable: "refused"
        case .abandoned: "unavailable"
        default: belongs[place]?[event] ?? "expired"
        }
    }

    @Test("S-24, S-35: each event is answered in its stage and nowhere else", arguments: rows)
    func table(row: Row) {
        var world = row.place.world
        let decision = world.signIn(row.event.event)
        #expect(decision.outcome.label == row.expected)
        if row.expected == "expired" { #expect(decision.changesNothing) }
    }

    @Test("S-25: an attempt opens nothing at the second of its end", arguments: rows)
    func expired(row: Row) {
        var world = row.place.world
        world.attempt?.expiresAt = Fixture.now
        let decision = world.signIn(row.event.event)
        let isPassword = [EventName.submitted, .right, .wrong, .abandoned, .unreadable].contains(row.event)
        #expect(decision.outcome.label == (isPassword ? row.expected : "expired"))
    }

    @Test("S-25: an attempt of somebody else opens nothing", arguments: rows)
    func another(row: Row) {
        var world = row.place.world
        world.attempt?.userID = Fixture.otherUserID
        let decision = world.signIn(row.event.event)
        let isPassword = [EventName.submitted, .right, .wrong, .abandoned, .unreadable].contains(row.event)
        #expect(decision.outcome.label == (isPassword ? row.expected : "expired"))
        #expect(!decision.effects.contains("updateAttempt"))
    }

    @Test("A user who was disabled in the meantime goes no further", arguments: rows)
    func disabled(row: Row) {
        var world = row.place.world
        world.subject?.user.isEnabled = false
        let expected: [EventName: String] = [
            .submitted: "check decoy", .right: "refused", .wrong: "refused", .abandoned: "unavailable",
            .unreadable: "refused",
        ]
        #expect(world.signIn(row.event.event).outcome.label == expected[row.event] ?? "expired")
    }

    @Test("A user who was deleted in the meantime goes no further", arguments: rows)
    func deleted(row: Row) {
        var world = World(nil, attempt: row.place.attempt)
        let expected: [EventName: String] = [
            .submitted: "check decoy", .right: "refused", .wrong: "refused", .abandoned: "unavailable",
            .unreadable: "refused",
        ]
        #expect(world.signIn(row.event.event).outcome.label == expected[row.event] ?? "expired")
    }
}
