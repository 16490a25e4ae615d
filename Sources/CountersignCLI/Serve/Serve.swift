import ArgumentParser
import Credentials
import Foundation
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Portal
import Secrets
import ServiceLifecycle
import Storage
import UnixSignals

/// `countersign serve`: runs the portal until it is asked to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the portal.",
        discussion: "SIGTERM or SIGINT stops it: open requests are finished first."
    )

    @OptionGroup var databaseOptions: DatabaseOptions
    @OptionGroup var serverOptions: ServerOptions

    /// How long open requests may take to finish after the server was asked to stop.
    private static let gracePeriod = Duration.seconds(15)

    mutating func run() async throws {
        let isHardened = ProcessHardening.apply()
        ProcessMemory.mapLargePieces()
        // A reader of our output that goes away must not end the server.
        _ = signal(SIGPIPE, SIG_IGN)
        // A third of the start's work, beside the rest of it.
        async let parsedPages = Pages()
        let values = try SettingValues(
            options: databaseOptions.values.merging(serverOptions.values) { $1 },
            configPath: databaseOptions.config
        )
        let settings = try ServerSettings(values)
        let (format, level) = (settings.logFormat, settings.logLevel)
        LoggingSystem.bootstrap { _ in StandardErrorLog(format: format, logLevel: level) }
        let logger = Logger(label: "countersign")

        let composition = try await Composition.forWriting(try DatabaseSettings(values))
        defer { composition.close() }
        composition.watch()
        warn(logger, settings, isHardened: isHardened)
        let pages = try await parsedPages
        let portal = settings.portal
        let headers = SecurityHeaders(isHTTPS: portal.publicURL.isHTTPS).fields
        let portalServices = composition.portalServices()
        var services: [any Service] = [
            Upkeep(store: composition.store, clock: composition.clock, logger: logger), MemoryUpkeep(),
            AccessUpkeep(gatekeeper: portalServices.gatekeeper, clock: composition.clock, logger: logger),
        ]
        if let listen = settings.metricsListen {
            services.append(MetricsListener.application(on: listen, headers, backlog: composition.backlog, logger))
        }
        let router = PortalApplication.router(services: portalServices, configuration: portal, pages: pages)
        let application = Application(
            responder: OwnTaskResponder(router.buildResponder()),
            server: RuledChannel.builder(
                headers,
                makeForwardAuth: ForwardAuthHandler.maker(portalServices, portal, pages)
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.listen.host, port: settings.listen.port),
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    ConnectionLimits.maximum,
                    logger: logger
                )
            ),
            services: services,
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? settings.listen.port
                await Self.announce(composition, settings, port: port, logger)
            },
            logger: logger
        )
        try await run(application, settings, logger)
    }

    private func run(_ application: some Service, _ settings: ServerSettings, _ logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [application],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Self.gracePeriod
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.warning("stopped with requests that took too long to finish")
        } catch let error as IOError {
            throw CommandFailure(Self.sentence(error, settings.listen))
        } catch is SocketAddressError.UnknownHost {
            throw CommandFailure("The host \(settings.listen.host) to listen on is not known.")
        }
        logger.info("stopped")
    }

    // MARK: What it says

    /// Runs when the port is ours and before the first request is read, so that a second server, which cannot have the
    /// port, does not spend the first-run link of the first one.
    private static func announce(
        _ composition: Composition,
        _ settings: ServerSettings,
        port: Int,
        _ logger: Logger
    ) async {
        let origin = settings.publicURL.origin
        Terminal.say("Countersign listens on http://\(settings.listen.text(port: port)), public address \(origin)")
        do {
            let token = BearerToken(kind: .firstRun, random: composition.random)
            if try await composition.store.offerFirstRun(token.digest, at: composition.now) {
                Terminal.say("Open this address once to create the account: \(origin)/welcome?token=\(token.text)")
            }
        } catch {
            logger.error("the first-run address could not be made; start again", error: error)
        }
    }

    private func warn(_ logger: Logger, _ settings: ServerSettings, isHardened: Bool) {
        if !settings.publicURL.isHTTPS, !settings.publicURL.isLocal {
            logger.warning(
                "the public address is not https: passwords and tokens can be read on the way",
                metadata: ["public-url": "\(settings.publicURL.origin)"]
            )
        }
        if !isHardened {
            logger.warning("the system did not forbid core dumps of this process; they would hold secrets")
        }
    }

    private static func sentence(_ error: IOError, _ listen: ListenAddress) -> String {
        let address = listen.text(port: listen.port)
        return switch error.errnoCode {
        case EADDRINUSE: "The address \(address) is already in use; stop the other program or choose another address."
        case EACCES: "The server may not listen on \(address); ports below 1024 need a privilege."
        case EADDRNOTAVAIL: "The address \(address) does not belong to this machine."
        default: "The server cannot listen on \(address) (error \(error.errnoCode))."
        }
    }
}
