import Accounts
import Testing

@testable import Portal

@Suite("What waits for a proof")
struct WaitingContentTests {
    /// What the rules may answer `needsProof` with.
    static let waiting: [ActivityKind] = [
        .profileChanged, .sessionsEnded, .requirementOff, .agentSignInOn, .sessionLimitsChanged, .userCreated,
        .userEnabled, .rolesChanged, .adminGranted, .adminRevoked, .twoFactorReset, .passwordReset, .roleCreated,
        .roleChanged, .roleDeleted, .applicationCreated, .applicationChanged, .applicationRuleAdded,
        .applicationRuleRemoved, .apiTokenCreated,
    ]

    @Test("Each is named by a title of its own, and what never waits by none")
    func titles() {
        let titles = Self.waiting.map { WaitingContent.title($0, "Object") }
        #expect(titles.allSatisfy { $0 != nil } && Set(titles).count == titles.count)
        for kind in ActivityKind.allCases where !Self.waiting.contains(kind) {
            #expect(WaitingContent.title(kind, "Object") == nil)
        }
    }

    @Test("It is read as it was kept, names its object once, and says all the rest")
    func content() throws {
        let entry = ActivityEntry(
            .roleChanged,
            accountID: nil,
            parameters: [ActivityParameter("role", "Interns"), ActivityParameter("setup", "Manage")]
        )
        let content = try WaitingContent(encoded: try WaitingContent(entry, form: [1, 2, 255]).encoded())
        #expect(content.title == "Change the role Interns" && content.form == [1, 2, 255])
        #expect(content.fields.map { "\($0["factName"] ?? "")=\($0["factValue"] ?? "")" } == ["Setup=Manage"])
    }
}
