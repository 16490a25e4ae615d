import Accounts
import SignIn

/// A page in the tab bar.
enum Place: Sendable {
    case none, details, settings, users, roles, activity, applications, launch
}

/// The tabs and pages that a person may see; what they may do is decided again by every route.
struct Navigation: Sendable {
    let view: SessionView

    private struct Entry {
        let label: String
        let href: String
        let place: Place
    }

    func fields(at place: Place) -> Fields {
        let accounts = [
            Entry(label: "Details", href: "/accounts/details", place: .details),
            Entry(label: "Settings", href: "/accounts/settings", place: .settings),
        ]
        var setup = [Entry(label: "Users", href: "/setup/users", place: .users)]
        if view.user.isAccountAdmin { setup.append(Entry(label: "Roles", href: "/setup/roles", place: .roles)) }
        setup.append(Entry(label: "Activity Log", href: "/setup/activity-log", place: .activity))

        var tabs: [Fields] = []
        var subnav: [Fields] = []
        let applications = [
            Entry(label: "Applications", href: "/applications", place: .applications),
            Entry(label: "Launch", href: "/launch", place: .launch),
        ]
        for (label, entries, tab) in [
            ("Accounts", accounts, Tab.accounts), ("Applications", applications, .applications),
            ("Setup", setup, .setup),
        ]
        where view.permissions[tab] >= .view {
            let isCurrent = entries.contains { $0.place == place }
            tabs.append(["label": label, "href": entries[0].href, "isCurrent": isCurrent])
            if isCurrent {
                subnav = entries.map { ["label": $0.label, "href": $0.href, "isCurrent": $0.place == place] }
            }
        }
        return ["tabs": tabs, "subnav": subnav, "hasSubnav": !subnav.isEmpty]
    }

    /// The first page that the person may see.
    var home: String {
        if view.permissions.accounts >= .view { return "/accounts/details" }
        if view.permissions.setup >= .view { return "/setup/users" }
        if view.permissions.applications >= .view { return "/applications" }
        return "/own"
    }
}
