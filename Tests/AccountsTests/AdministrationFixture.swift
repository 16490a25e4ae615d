import Accounts
import Secrets

struct FixedRandomSource: RandomSource {
    var start: UInt8 = 0

    func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { start &+ UInt8(truncatingIfNeeded: $0) }
    }
}

enum Admin {
    static let account = Account(id: Account.ID(random: FixedRandomSource(start: 1)), name: "Example")
    static let foreignID = Account.ID(random: FixedRandomSource(start: 2))
    static let role = role(10, "Helpdesk", Permissions(accounts: .view, devices: .view))
    static let strongRole = role(11, "Operators", Permissions(accounts: .manage, devices: .manage))
    static let newRole = role(13, "Night shift", Permissions(accounts: .view))
    static let unknownRole = Role.ID(random: FixedRandomSource(start: 12))

    static func role(_ number: UInt8, _ name: String, _ permissions: Permissions) -> Role {
        Role(
            id: Role.ID(random: FixedRandomSource(start: number)),
            accountID: account.id,
            name: name,
            permissions: permissions
        )
    }

    static func user(_ number: UInt8, admin: Bool = false, enabled: Bool = true, in account: Account.ID = account.id)
        -> User
    {
        User(
            id: User.ID(random: FixedRandomSource(start: number)),
            accountID: account,
            login: "user\(number)",
            name: "User \(number)",
            isAccountAdmin: admin,
            isEnabled: enabled
        )
    }

    static func actor(
        _ user: User,
        _ permissions: Permissions = .accountAdmin,
        hasTwoFactor: Bool = true,
        passed: Bool = true,
        proof: FreshProof? = nil
    ) -> ActingUser {
        ActingUser(
            user: user,
            permissions: permissions,
            hasTwoFactor: hasTwoFactor,
            passedTwoFactor: passed,
            proof: proof ?? (passed ? .secondFactor : .password),
            address: "192.0.2.7"
        )
    }

    static func target(_ user: User, hasPassword: Bool = true) -> TargetUser {
        TargetUser(user: user, hasPassword: hasPassword, hasTwoFactor: true, roleIDs: [])
    }

    static let plain = target(user(30))
    static let otherAdmin = target(user(31, admin: true))
    static let admin = user(20, admin: true)

    static func state(_ actor: ActingUser?, _ target: TargetUser? = plain, others: Int = 1) -> AdministrationState {
        AdministrationState(
            account: account,
            actor: actor,
            target: target,
            otherAbleAdmins: others,
            configuredAdmins: 1,
            roles: [role, strongRole]
        )
    }

    static let link = OneTimeLink(
        digest: TokenDigest(bytes: Array(repeating: 1, count: 32))!,
        kind: .passwordReset,
        expiresAt: UnixTime(seconds: 1)
    )

    static let hash = PasswordHash(
        parameters: .current,
        salt: Array(repeating: 1, count: 16),
        tag: Array(repeating: 1, count: 32)
    )!

    static func newUser(admin: Bool = false, roles: [Role.ID] = [role.id]) -> NewUser {
        NewUser(user: user(40, admin: admin), loginKey: "user40", roleIDs: roles, credential: .invitation(link))
    }
}

extension AdministrationDecision {
    /// `ok`, or the refusal's name.
    var label: String {
        switch self {
        case .refused(let refusal): "\(refusal)"
        case .accepted(_, _, let breaksLastAdmin): breaksLastAdmin ? "ok, with a warning" : "ok"
        case .needsProof: "needs proof"
        }
    }

    var effects: [String] {
        guard case .accepted(let effects, _, _) = self else { return [] }
        return effects.map { effect in
            let text = "\(effect)"
            return String(text.prefix { $0 != "(" })
        }
    }

    var entry: ActivityEntry? {
        guard case .accepted(_, let entry, _) = self else { return nil }
        return entry
    }
}
