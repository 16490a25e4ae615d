package import Hummingbird
import SignIn

/// Puts the flows together; called by `serve` and by tests.
package enum PortalApplication {
    package static func router(
        services: PortalServices,
        configuration: PortalConfiguration,
        pages: Pages
    ) -> Router<PortalContext> {
        let web = Web(services: services, configuration: configuration, pages: pages)
        let router = Router(context: PortalContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: SecurityHeaders(isHTTPS: configuration.publicURL.isHTTPS))
        router.add(middleware: ErrorAnswers(web: web))
        router.add(middleware: BodyLimit())
        router.add(middleware: NoticeExpiry(cookies: web.cookies))
        router.add(middleware: StrangerHeaders(clientAddress: web.clientAddress))
        router.add(middleware: CrossSiteGuard(origin: configuration.publicURL.origin))

        OperationsRoutes(web: web).add(to: router)
        WelcomeRoutes(web: web).add(to: router)
        InvitationRoutes(web: web).add(to: router)
        SignInRoutes(web: web).add(to: router)
        EnrolRoutes(web: web).add(to: router)
        OwnRoutes(web: web, home: .details).add(to: router)
        OwnRoutes(web: web, home: .own).add(to: router)
        SettingsRoutes(web: web).add(to: router)
        UserRoutes(web: web).add(to: router)
        RoleRoutes(web: web).add(to: router)
        ActivityRoutes(web: web).add(to: router)
        AgentRoutes(web: web).add(to: router)
        return router
    }
}
