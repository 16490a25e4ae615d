import Accounts
import Gateway
import Hummingbird
import Secrets
import SignIn

/// `/launch`: each person's applications, in one place.
struct LaunchRoutes: Sendable {
    let web: Web

    func add(to router: Router<PortalContext>) {
        router.page(.get, "/launch", web, show)
    }

    private func show(_ person: PersonCall) async throws -> Response {
        let view = person.view
        let store = web.services.gatekeeper.store
        let roles = try await store.roles(of: view.user.id)
        let all = try await store.applications(view.account.id)
        let tiles: [Fields] = all.compactMap { application in
            guard application.admits(view.user, roles: roles.keys) else { return nil }
            let verdict = AccessRules.judge(view, roles: roles.keys, in: application, needs: application.assurance)
            return [
                "tileName": application.name, "tileHref": application.origin.text + "/",
                "tileHost": application.origin.authority,
                "tileInitial": String(application.name.prefix(1)).uppercased(),
                "tileNeedsTwoFactor": verdict == .twoFactorMissing,
            ]
        }
        let fields: Fields = [
            "hasTiles": !tiles.isEmpty, "tiles": tiles,
            "canManage": view.permissions.applications == .manage,
        ]
        return web.portal(person, title: "Launch", at: .launch, "launch", fields)
    }
}
