import Accounts
import Gateway
import Hummingbird
import Secrets
import SignIn

/// `/applications/why?operation=…`: why a request was let through or refused, by the operation id of its answer.
struct WhyRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/applications/why", web, show)
    }

    private func show(_ person: PersonCall) async throws -> Response {
        let name = person.call.query.one("operation")
        guard let record = web.services.decisions.record(named: name),
            let sight = try await sight(of: record, person.view)
        else {
            let fields: Fields = [
                "operation": String(decoding: name.utf8.prefix(64), as: UTF8.self), "hasRecord": false,
                "node": web.services.decisions.ids.node,
                "action": "/applications/why",
            ]
            return web.portal(person, name.isEmpty ? .ok : .notFound, title: "Why?", at: .launch, "why", fields)
        }
        return web.portal(person, title: "Why?", at: .launch, "why", fields(record, person.view, sight))
    }

    private enum Sight {
        /// Where nobody was known it may have been anybody: the reason, and no path.
        case reason
        case all
    }

    /// All of one's own decisions and, for an Account Admin, of those about the account's applications; nil for what is
    /// none of this person's business.
    private func sight(of record: DecisionLog.Record, _ view: SessionView) async throws -> Sight? {
        if let entry = record.entry, entry.userID == view.user.id { return .all }
        guard let application = record.application, application.accountID == view.account.id else { return nil }
        if view.user.isAccountAdmin { return .all }
        guard record.entry == nil else { return nil }
        guard let shown = record.shown, let visit = try await web.services.gatekeeper.store.visit(shown) else {
            return .reason
        }
        return visit.portal.user.id == view.user.id ? .all : nil
    }

    private func fields(_ record: DecisionLog.Record, _ view: SessionView, _ sight: Sight) -> Fields {
        let time = TimeText(zone: view.account.timeZone)
        let decision = record.decision
        var fields: Fields = [
            "hasRecord": true, "operation": web.services.decisions.name(record.id),
            "sentence": decision.reason.sentence,
            "isPermitted": decision.outcome == .permitted, "code": decision.reason.code,
            "when": time.second(record.at), "applicationName": record.application?.name ?? "None",
            "action": "/applications/why",
        ]
        if view.user.isAccountAdmin { fields["facts"] = facts(record, time, of: view.account.id) }
        guard sight == .all else { return fields }
        fields["request"] = "\(record.method) \(record.path)"
        if let rule = decision.rule {
            fields["rule"] = "For \(rule.words): \(RuleForm.label(rule.action).lowercased())"
        } else if let application = record.application {
            fields["rule"] =
                "The application's own: "
                + (application.assurance == .twoFactor ? "two factor authentication" : "a password")
        }
        return fields
    }

    /// What an Account Admin sees beside it.
    private func facts(_ record: DecisionLog.Record, _ time: TimeText, of account: Account.ID) -> [Fields] {
        var facts: [(String, String)] = []
        if let entry = record.entry, entry.visitor.user.accountID != account {
            facts.append(("Person", "Somebody of another account"))
        } else if let entry = record.entry {
            facts.append(("Person", "\(entry.visitor.user.displayName) (\(entry.visitor.user.login))"))
            facts.append(
                ("Roles", entry.visitor.roleNames.isEmpty ? "None" : entry.visitor.roleNames.joined(separator: ", "))
            )
            switch entry.credential {
            case .session(let visit):
                let session = visit.portal.session
                facts.append(("Signed in", time.second(session.createdAt)))
                let minutes = max(0, session.createdAt.distance(to: record.at)) / 60
                facts.append(("Session age", minutes == 1 ? "1 minute" : "\(minutes) minutes"))
                facts.append(("Factors", session.methods.passedTwoFactor ? "Password and second factor" : "Password"))
                facts.append(("Signed in from", session.address))
            case .token(let bearer):
                facts.append(("API token", bearer.token.name))
                facts.append(("Expires", time.second(bearer.token.expiresAt)))
            }
        } else {
            facts.append(("Person", "Nobody known"))
        }
        facts.append(("Address seen", web.clientAddress.text(peer: record.peer, forwardedFor: record.forwardedFor)))
        facts.append(("Proxy", record.peer?.text ?? "unknown"))
        return facts.map { ["factName": $0.0, "factValue": $0.1] }
    }
}

extension ClientAddress {
    /// The client behind the trusted proxies, for the record of a decision.
    func text(peer: IPAddress?, forwardedFor: [String]) -> String {
        guard let peer, trustedProxies.contains(where: { $0.contains(peer) }) else { return peer?.text ?? "unknown" }
        var client = peer
        for part in forwardedFor.joined(separator: ",").split(separator: ",").reversed() {
            guard let address = Self.address(part.filter { $0 != " " && $0 != "\t" }) else { break }
            client = address
            if !trustedProxies.contains(where: { $0.contains(address) }) { break }
        }
        return client.text
    }
}
