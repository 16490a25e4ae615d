package import Accounts
package import Secrets

/// Refusals that cost nothing and so can be had as often as somebody asks: one entry a minute, with a count.
package enum RefusalKey {
    /// Per login where it exists. What strangers make up has as many logins as they like, so that there it is the address
    /// (of IPv6 the /64) that counts.
    package static func make(
        _ kind: String,
        isKnown: Bool,
        loginDigest: TokenDigest,
        source: RequestSource,
        at now: UnixTime
    ) -> String {
        let who = isKnown ? loginDigest.shortText : "from \(source.throttleKey ?? source.address)"
        return "\(kind) \(who) \(now.seconds / 60)"
    }
}

/// The entry for a request that a limit refused.
package enum LimitEntry {
    package static func make(
        _ kind: ThrottleKind,
        subject: Subject?,
        loginDigest: TokenDigest,
        source: RequestSource,
        at now: UnixTime
    ) -> ActivityEntry {
        ActivityEntry(
            .limitReached,
            accountID: subject?.account.id,
            actor: subject?.person,
            address: source.address,
            parameters: [ActivityParameter("kind", kind.rawValue)],
            mergeKey: RefusalKey.make(
                kind.rawValue,
                isKnown: subject != nil,
                loginDigest: loginDigest,
                source: source,
                at: now
            )
        )
    }
}

extension TokenDigest {
    /// Enough hexadecimal digits to tell entries apart.
    package var shortText: String {
        bytes.prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
