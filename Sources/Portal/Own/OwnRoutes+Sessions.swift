import Accounts
import Gateway
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// Where one is signed in, and ending it.
extension OwnRoutes {
    func showSessions(_ person: PersonCall) async throws -> Response {
        let own = try await own(person)
        let time = TimeText(zone: person.view.account.timeZone)
        let now = web.services.now
        let live = own.sessions.filter { $0.isLive(at: now, limits: person.view.account.sessionLimits) }
        let rows: [Fields] = live.map { session in
            [
                "rowID": session.id.description, "rowBrowser": BrowserName.of(session.userAgent),
                "rowAddress": session.address, "rowStarted": time.minute(session.createdAt),
                "rowLastSeen": time.minute(session.lastSeenAt), "rowIsTwoFactor": session.methods.passedTwoFactor,
                "rowIsCurrent": session.id == person.view.session.id,
            ]
        }
        let agents: [Fields] = own.agentSessions.filter { now < $0.expiresAt }.map { agent in
            [
                "agentID": agent.id.description,
                "agentName": agent.userAgent.isEmpty ? "Unknown program" : String(agent.userAgent.prefix(40)),
                "agentAddress": agent.address, "agentStarted": time.minute(agent.createdAt),
                "agentExpires": time.minute(agent.expiresAt),
            ]
        }
        // The same button ends what scripts use.
        let hasTokens = try await hasAPITokens(person)
        let hasOthers = rows.count > 1 || !agents.isEmpty || hasTokens
        let fields: Fields = [
            "base": base, "backLabel": home.backLabel, "sessionsOwner": "you",
            "hasOthers": hasOthers,
            "sessions": rows, "hasAgents": !agents.isEmpty, "agentSessions": agents,
        ]
        return web.portal(person, title: "Sessions", at: home.place, "sessions", fields)
    }

    private enum Chosen {
        case browser(PortalSession.ID)
        case agent(AgentSession.ID)
    }

    /// The session of the address, when it is one of this person's own.
    private func chosen(_ person: PersonCall) async throws -> Chosen {
        let text = person.call.parameter("id")
        let own = try await own(person)
        if let id = PortalSession.ID(text), own.sessions.contains(where: { $0.id == id }) { return .browser(id) }
        if let id = AgentSession.ID(text), own.agentSessions.contains(where: { $0.id == id }) { return .agent(id) }
        throw PageError.notFound
    }

    func confirmEndSession(_ person: PersonCall) async throws -> Response {
        _ = try await chosen(person)
        return Confirmation(
            heading: "End this session?",
            sentence: "Whoever uses it has to log in again.",
            action: "\(base)/sessions/\(person.call.parameter("id"))/end",
            confirmLabel: "End session",
            cancelHref: "\(base)/sessions"
        ).page(web, person, at: home.place)
    }

    func endSession(_ person: PersonCall) async throws -> Response {
        let event: OwnEvent
        switch try await chosen(person) {
        case .agent(let id): event = .endAgentSession(id)
        case .browser(let id): event = .endSession(id)
        }
        let answer = try await web.services.own.run(person.view.session, event, source: person.call.source)
        return try await conclude(person, answer, OwnErrorFields()) { _ in
            person.call.parameter("id") == person.view.session.id.description
                ? web.redirect("/sign-in", cookies: [web.cookies.clear(.session)], notice: .signedOut)
                : web.redirect("\(base)/sessions", notice: .sessionsEnded)
        }
    }

    func confirmEndOthers(_ person: PersonCall) async throws -> Response {
        let hasTokens = try await hasAPITokens(person)
        return Confirmation(
            heading: "End all other sessions?",
            sentence: "You stay logged in here. Every other browser, half-finished sign-in and agent of this login "
                + "has to log in again, and applications that are open from here close.",
            action: "\(base)/sessions/end-others",
            confirmLabel: "End all others",
            cancelHref: "\(base)/sessions"
        ).page(web, person, .ok, at: home.place, adding: ["offersTokens": hasTokens])
    }

    func hasAPITokens(_ person: PersonCall) async throws -> Bool {
        try await !web.services.gatekeeper.store.apiTokens(person.view.user.id).isEmpty
    }

    func endOthers(_ person: PersonCall) async throws -> Response {
        let form = try await person.call.form()
        let event = OwnEvent.endOtherSessions(keepsTokens: form["keep_api_tokens"] == "on")
        let answer = try await web.services.own.run(person.view.session, event, source: person.call.source)
        return try await conclude(person, answer, OwnErrorFields()) {
            web.redirect("\(base)/sessions", cookies: $0, notice: .sessionsEnded)
        }
    }
}

/// A browser and a system in words, as far as a user agent tells.
enum BrowserName {
    static func of(_ userAgent: String) -> String {
        let browser =
            [
                ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
                ("Safari/", "Safari"),
            ]
            .first { userAgent.contains($0.0) }?.1
        let system =
            [
                ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
                ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
            ]
            .first { userAgent.contains($0.0) }?.1
        switch (browser, system) {
        case (let browser?, let system?): return "\(browser) on \(system)"
        case (let browser?, nil): return browser
        case (nil, let system?): return "A browser on \(system)"
        case (nil, nil): return userAgent.isEmpty ? "Unknown browser" : String(userAgent.prefix(40))
        }
    }
}
