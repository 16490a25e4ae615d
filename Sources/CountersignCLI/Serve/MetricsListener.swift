import CoreMetrics
import Credentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Secrets
import Telemetry

/// `/metrics` in Prometheus' text format, on an address of its own: it is no page of the portal and asks for no
/// session, so it belongs where only the monitoring reaches it.
enum MetricsListener {
    static func application(
        on listen: ListenAddress,
        _ headers: HTTPFields,
        backlog: HashingBacklog,
        _ logger: Logger
    ) -> some ApplicationProtocol {
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        let router = Router()
        router.get("/metrics") { _, _ in
            readNow(backlog)
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: PrometheusText.render(registry.samples)))
            )
        }
        return Application(
            router: router,
            server: RuledChannel.builder(headers),
            configuration: ApplicationConfiguration(
                address: .hostname(listen.host, port: listen.port),
                serverName: nil
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? listen.port
                Terminal.say("Metrics on http://\(listen.text(port: port))/metrics")
            },
            logger: logger
        )
    }

    /// What is not counted as it happens.
    private static func readNow(_ backlog: HashingBacklog) {
        Meter(label: "countersign.password_hashes_waiting").set(backlog.count)
        if let bytes = ProcessMemory.residentBytes { Meter(label: "process.resident_memory_bytes").set(bytes) }
    }
}
