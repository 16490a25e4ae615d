import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Secrets
import SignIn

/// Setup > Activity Log, and the same as a file.
struct ActivityRoutes: Sendable {
    let web: Web

    private static let path = "/setup/activity-log"
    private static let pageSize = Page<ActivityRecord>.size
    private static let exportSize = 1_000
    /// A longer menu helps nobody; the search and the page of each person lead to the others.
    private static let menuPages = 2

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/setup/activity-log", web, tab: .setup, show)
        router.page(.get, "/setup/activity-log.csv", web, tab: .setup, download)
    }

    // MARK: The page

    private func show(_ person: PersonCall) async throws -> Response {
        let account = person.view.account
        let filter = try await filter(person)
        var query = filter.query(page: Pager.number(person.call.query["page"]))
        var page = try await web.services.directory.activity(account.id, query)
        let last = Pager.last(of: page.total, size: Self.pageSize)
        if query.page > last {
            query.page = last
            page = try await web.services.directory.activity(account.id, query)
        }
        let options = try await menu(account.id, selected: filter.userID)
        let time = TimeText(zone: account.timeZone)
        var fields: Fields = [
            "timeZone": account.timeZone, "csvHref": LocalAddress.text("\(Self.path).csv", filter.pairs),
            "userOptions": options, "hasEntries": !page.items.isEmpty,
            "entries": page.items.map { $0.row(time) },
        ]
        fields.merge(filter.fields) { $1 }
        let pager = Pager(
            path: Self.path,
            query: filter.pairs,
            page: query.page,
            total: page.total,
            size: Self.pageSize
        )
        fields.merge(pager.fields) { $1 }
        let isRefused = !filter.errors.isEmpty
        return web.portal(
            person,
            isRefused ? .unprocessableContent : .ok,
            title: "Activity Log",
            at: .activity,
            "activity_log",
            fields,
            messages: isRefused ? [.formRefused] : []
        )
    }

    /// A person is asked for by id, of which one of another account finds nothing, or by login, as people write it into
    /// an address themselves; what is neither leads nowhere.
    private func filter(_ person: PersonCall) async throws -> ActivityFilter {
        let account = person.view.account
        let asked = person.call.query["user"]
        var user = User.ID(asked)
        if user == nil, let login = Login(asked) {
            let found = try await web.services.directory.user(login: login)
            user = found?.accountID == account.id ? found?.id : nil
        }
        guard asked.isEmpty || user != nil else { throw PageError.notFound }
        return ActivityFilter(person.call.query, user: user, zone: account.timeZone)
    }

    private func menu(_ account: Account.ID, selected: User.ID?) async throws -> [Fields] {
        var people: [User] = []
        for number in 1...Self.menuPages {
            let page = try await web.services.directory.users(account, UserQuery(page: number))
            people += page.items.map(\.user)
            if people.count >= page.total { break }
        }
        var options = people.map { option($0.id, label($0), isSelected: $0.id == selected) }
        if let selected, !people.contains(where: { $0.id == selected }) {
            let other = try await web.services.directory.user(account, selected)
            // What a deleted person did stays, and can still be asked for.
            let text = other.map { label($0.summary.user) } ?? "Somebody who is gone"
            options.append(option(selected, text, isSelected: true))
        }
        return options
    }

    private func label(_ user: User) -> String {
        user.name.isEmpty ? user.login : "\(user.name) (\(user.login))"
    }

    private func option(_ id: User.ID, _ label: String, isSelected: Bool) -> Fields {
        ["optionID": id.description, "optionLabel": label, "optionIsSelected": isSelected]
    }

    // MARK: The file

    private func download(_ person: PersonCall) async throws -> Response {
        let account = person.view.account
        let filter = try await filter(person)
        guard filter.errors.isEmpty else { throw PageError.formRefused }
        let directory = web.services.directory
        let query = filter.query()
        // Read before the answer begins: a store that does not answer is a 503 and no empty file.
        let first = try await directory.activity(account.id, query, before: nil, limit: Self.exportSize)
        let time = TimeText(zone: account.timeZone)
        let body = ResponseBody { writer in
            var entries = first
            try await writer.write(ByteBuffer(string: ActivityCSV.header))
            while let last = entries.last {
                let lines = entries.map { ActivityCSV.line($0, time) }.joined()
                try await writer.write(ByteBuffer(string: lines))
                guard entries.count == Self.exportSize else { break }
                entries = try await directory.activity(
                    account.id,
                    query,
                    before: last.number,
                    limit: Self.exportSize
                )
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: "attachment; filename=\"activity-log.csv\"",
            ],
            body: body
        )
    }
}
