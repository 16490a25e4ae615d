import Hummingbird

// The least that Hummingbird does for a request: what `make bench-forward` compares forward-auth with.
let router = Router()
router.get("/bare") { _, _ in Response(status: .ok) }
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8081
let application = Application(
    router: router,
    configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), serverName: nil)
)
try await application.runService()
