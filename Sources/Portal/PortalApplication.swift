package import Hummingbird
import SignIn

/// Puts the flows together; called by `serve` and by tests.
package enum PortalApplication {
    /// Bytes of the longest body that any route takes.
    package static let maximumBody = AgentRoutes.maximumBytes

    package static func router(
        services: PortalServices,
        configuration: PortalConfiguration,
        pages: Pages
    ) -> Router<PortalContext> {
        let web = Web(services: services, configuration: configuration, pages: pages)
        let router = Router(context: PortalContext.self, options: [.autoGenerateHeadEndpoints])
        // Known by their pattern, never by the path that was asked for: that may hold a link's secret.
        if configuration.isMeasured { router.add(middleware: MetricsMiddleware()) }
        router.add(middleware: Entrance(web: web))

        OperationsRoutes(web: web).add(to: router)
        WelcomeRoutes(web: web).add(to: router)
        InvitationRoutes(web: web).add(to: router)
        SignInRoutes(web: web).add(to: router)
        EnrolRoutes(web: web).add(to: router)
        addChanges(web, to: router)
        let changes = Router(context: PortalContext.self)
        addChanges(web, to: changes)
        ConfirmRoutes(web: web, pages: changes.buildResponder()).add(to: router)
        ActivityRoutes(web: web).add(to: router)
        AgentRoutes(web: web).add(to: router)
        LaunchRoutes(web: web).add(to: router)
        HandOverRoutes(web: web).add(to: router)
        ApplicationHostRoutes(web: web).add(to: router)
        ForwardAuthRoutes(web: web).add(to: router)
        WhyRoutes(web: web).add(to: router)
        router.refuseOtherMethods()
        return router
    }

    /// The pages with changes that may wait for a fresh proof; once more for the page that does them then.
    private static func addChanges(_ web: Web, to router: Router<PortalContext>) {
        OwnRoutes(web: web, home: .details).add(to: router)
        OwnRoutes(web: web, home: .own).add(to: router)
        SettingsRoutes(web: web).add(to: router)
        UserRoutes(web: web).add(to: router)
        RoleRoutes(web: web).add(to: router)
        ApplicationRoutes(web: web).add(to: router)
        APITokenRoutes(web: web).add(to: router)
    }
}
