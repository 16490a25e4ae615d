import Accounts
import HTTPTypes
import Hummingbird
import Secrets
import SignIn

/// Setup > Users: who belongs to the account, and the page of each.
struct UserRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/setup/users", web, tab: .setup, list)
        router.page(.post, "/setup/users", web, tab: .setup, level: .manage, create)
        router.page(.get, "/setup/users/new", web, tab: .setup, level: .manage, showNew)
        router.page(.get, "/setup/users/:id", web, tab: .setup, show)
        router.page(.get, "/setup/users/:id/roles", web, tab: .setup, level: .manage, showRoles)
        router.page(.post, "/setup/users/:id/roles", web, tab: .setup, level: .manage, setRoles)
        let token = RouterPath("/setup/users/:id/api-tokens/:token/revoke")
        router.page(.get, token, web, tab: .setup, level: .manage, confirmEndToken)
        router.page(.post, token, web, tab: .setup, level: .manage, endToken)
        for action in UserAction.allCases {
            let path = RouterPath("/setup/users/:id/\(action.rawValue)")
            router.page(.get, path, web, tab: .setup, level: .manage) { try await confirm($0, action) }
            router.page(.post, path, web, tab: .setup, level: .manage) { try await perform($0, action) }
        }
    }

    // MARK: The list

    private func list(_ person: PersonCall) async throws -> Response {
        let asked = person.call.query
        let text = SearchText.reading(asked["q"])
        var query = UserQuery(
            text: text,
            filter: UserFilter(rawValue: asked["filter"]) ?? .all,
            page: Pager.number(asked["page"])
        )
        let account = person.view.account.id
        let size = Page<UserSummary>.size
        var page = try await web.services.directory.users(account, query)
        let last = Pager.last(of: page.total, size: size)
        if query.page > last {
            query.page = last
            page = try await web.services.directory.users(account, query)
        }
        let counts = try await web.services.directory.userCounts(account)
        let rows = UserFields(view: person.view)
        let canCreate = person.view.permissions.setup == .manage
        var fields: Fields = [
            "usersSentence": sentence(counts), "canCreate": canCreate, "q": text,
            "filters": filters(counts, current: query.filter), "hasUsers": !page.items.isEmpty,
            "users": page.items.map(rows.row),
        ]
        if !canCreate { fields["createRefusal"] = "Your role lets you view this, not change it." }
        if query.filter != .all { fields["filterValue"] = query.filter.rawValue }
        fields.merge(pager(query, page.total, size)) { $1 }
        fields.merge(empty(query)) { $1 }
        return web.portal(person, title: "Users", at: .users, "users", fields)
    }

    private func pager(_ query: UserQuery, _ total: Int, _ size: Int) -> Fields {
        let filter = query.filter == .all ? "" : query.filter.rawValue
        return Pager(
            path: "/setup/users",
            query: [("q", query.text), ("filter", filter)],
            page: query.page,
            total: total,
            size: size
        ).fields
    }

    private func empty(_ query: UserQuery) -> Fields {
        let isFiltered = !query.text.isEmpty || query.filter != .all
        let place = query.filter == .all ? "" : " under this filter"
        return [
            "isFiltered": isFiltered, "emptyHeading": "Nobody found",
            "emptySentence": query.text.isEmpty
                ? "There is nobody\(place)." : "No name or login\(place) contains “\(query.text)”.",
        ]
    }

    private func sentence(_ counts: [UserFilter: Int]) -> String {
        let all = counts[.all] ?? 0
        let people = all == 1 ? "One person" : "\(CountText.of(all)) people"
        return "\(people), \(CountText.of(counts[.configured] ?? 0)) with two factor authentication."
    }

    private func filters(_ counts: [UserFilter: Int], current: UserFilter) -> [Fields] {
        UserFilter.allCases.map { filter in
            [
                "filterHref": LocalAddress.text("/setup/users", [("filter", filter == .all ? "" : filter.rawValue)]),
                "filterLabel": label(filter), "filterCount": CountText.of(counts[filter] ?? 0),
                "filterIsCurrent": filter == current,
            ]
        }
    }

    private func label(_ filter: UserFilter) -> String {
        switch filter {
        case .all: "All"
        case .configured: "Configured"
        case .unconfigured: "Not configured"
        case .admins: "Account Admins"
        case .disabled: "Disabled"
        case .invited: "Invited"
        }
    }

    // MARK: One person

    /// Another account's people do not exist here.
    func detail(_ person: PersonCall) async throws -> UserDetail {
        guard let id = User.ID(person.call.parameter("id")),
            let detail = try await web.services.directory.user(person.view.account.id, id)
        else { throw PageError.notFound }
        return detail
    }

    func roles(_ person: PersonCall) async throws -> [Role] {
        try await web.services.directory.roles(person.view.account.id).map(\.role)
    }

    private func show(_ person: PersonCall) async throws -> Response {
        try await page(person, .ok, try await detail(person))
    }

    func page(
        _ person: PersonCall,
        _ status: HTTPResponse.Status,
        _ detail: UserDetail,
        messages: [PublicMessage] = [],
        _ extra: Fields = [:]
    ) async throws -> Response {
        var fields = UserFields(view: person.view).detail(detail, roles: try await roles(person))
        fields.merge(try await tokenFields(person, detail)) { $1 }
        fields.merge(extra) { $1 }
        return web.portal(
            person,
            status,
            title: detail.summary.user.displayName,
            at: .users,
            "user_detail",
            fields,
            messages: messages,
            noticeSubject: detail.summary.user.login
        )
    }
}
