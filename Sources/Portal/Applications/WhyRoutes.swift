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
        guard let record = web.services.decisions.record(named: name), isVisible(record, to: person.view) else {
            let fields: Fields = [
                "operation": name.isEmpty ? "" : String(name.prefix(20)), "hasRecord": false,
                "action": "/applications/why",
            ]
            return web.portal(person, name.isEmpty ? .ok : .notFound, title: "Why?", at: .launch, "why", fields)
        }
        return web.portal(person, title: "Why?", at: .launch, "why", fields(record, person.view))
    }

    /// One's own decisions, and for an Account Admin those about the account's applications.
    private func isVisible(_ record: DecisionLog.Record, to view: SessionView) -> Bool {
        if record.entry?.userID == view.user.id { return true }
        guard let application = record.application, application.accountID == view.account.id else { return false }
        // Nobody was known: whoever has the operation id may read which rule it was.
        return view.user.isAccountAdmin || record.entry == nil
    }

    private func fields(_ record: DecisionLog.Record, _ view: SessionView) -> Fields {
        let time = TimeText(zone: view.account.timeZone)
        let decision = record.decision
        var fields: Fields = [
            "hasRecord": true, "operation": DecisionLog.name(record.number), "sentence": decision.reason.sentence,
            "isPermitted": decision.outcome == .permitted, "code": decision.reason.code,
            "when": time.second(record.at), "applicationName": record.application?.name ?? "None",
            "request": "\(record.method) \(record.path)", "action": "/applications/why",
        ]
        if let rule = decision.rule {
            fields["rule"] = "For \(rule.words): \(RuleForm.label(rule.action).lowercased())"
        } else if let application = record.application {
            fields["rule"] =
                "The application's own: "
                + (application.assurance == .twoFactor ? "two factor authentication" : "a password")
        }
        if view.user.isAccountAdmin { fields["facts"] = facts(record, time) }
        return fields
    }

    /// What an Account Admin sees beside it.
    private func facts(_ record: DecisionLog.Record, _ time: TimeText) -> [Fields] {
        var facts: [(String, String)] = []
        if let entry = record.entry {
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
