import Hummingbird

/// Reads the path; a comment may say try!, as!, fatalError( and print(.
// Guarded by the lock below, which the compiler cannot see.
final class Cache: @unchecked Sendable {
    func path(of request: Request, logger: Logger) -> String {
        logger.info("read (once)", metadata: ["operation": "\(id)"])
        let path = request.uri.path
        blueprint(path)
        catalog(request.uri)
        return path as? String ?? (try? read()) ?? ""
    }
}
