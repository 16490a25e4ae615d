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
    private static let pageSize = 50
    private static let exportPageSize = 1_000
    /// A longer menu helps nobody; the search and the page of each person lead to the others.
    private static let menuPages = 2

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/setup/activity-log", web, tab: .setup, show)
        router.page(.get, "/setup/activity-log.csv", web, tab: .setup, download)
    }

    // MARK: The page

    private func show(_ person: PersonCall) async throws -> Response {
        let account = person.view.account
        let filter = try ActivityFilter(person.call.query, zone: account.timeZone)
        var query = filter.query(page: Pager.number(person.call.query["page"]), size: Self.pageSize)
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
        let filter = try ActivityFilter(person.call.query, zone: account.timeZone)
        guard filter.errors.isEmpty else { throw PageError.formRefused }
        let directory = web.services.directory
        let query = filter.query(page: 1, size: Self.exportPageSize)
        // Read before the answer begins: a store that does not answer is a 503 and no empty file.
        let first = try await directory.activity(account.id, query)
        let time = TimeText(zone: account.timeZone)
        let body = ResponseBody { writer in
            var query = query
            var page = first
            var lastNumber = Int64.max
            try await writer.write(ByteBuffer(string: ActivityCSV.header))
            while !page.items.isEmpty {
                // Entries that came meanwhile push older ones to the next page, where they are seen again.
                let fresh = page.items.filter { $0.number < lastNumber }
                lastNumber = page.items.last?.number ?? lastNumber
                let lines = fresh.map { ActivityCSV.line($0, time) }.joined()
                try await writer.write(ByteBuffer(string: lines))
                guard page.items.count >= query.pageSize else { break }
                query.page += 1
                page = try await directory.activity(account.id, query)
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
