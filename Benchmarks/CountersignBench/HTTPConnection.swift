import Foundation

/// A keep-alive HTTP/1.1 connection to loopback over a blocking socket: two system calls a request, so that the client
/// takes little of the machine that it measures.
final class HTTPConnection {
    struct Answer {
        let status: Int
        /// Name and value of each cookie that was set.
        let cookies: [(name: String, value: String)]

        func cookie(_ name: String) -> String? { cookies.first { $0.name == name }?.value }
    }

    private static let timeoutSeconds = 20
    private let descriptor: Int32
    private let host: String
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    /// Nil when nobody listens there (yet).
    init?(port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = Loopback.address(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            return nil
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        self.descriptor = descriptor
        host = "127.0.0.1:\(port)"
    }

    deinit {
        close(descriptor)
    }

    func get(_ path: String) throws -> Answer {
        try send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        return try receive()
    }

    /// Posts a form as a browser does from one of the portal's own pages.
    func post(_ path: String, form: String, cookie: String? = nil) throws -> Answer {
        let cookieLine = cookie.map { "Cookie: \($0)\r\n" } ?? ""
        try send(
            """
            POST \(path) HTTP/1.1\r\nHost: \(host)\r\nSec-Fetch-Site: same-origin\r\n\(cookieLine)\
            Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)
            """
        )
        return try receive()
    }

    private func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw BenchError("The server took no request: \(String(cString: strerror(errno))).")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Reads one answer with its body, so that the next one begins at its start.
    private func receive() throws -> Answer {
        var count = 0
        while true {
            count += try receiveMore(after: count)
            guard let headEnd = AnswerHead.end(in: buffer[..<count]) else { continue }
            let head = AnswerHead(buffer[..<headEnd])
            guard let bodyLength = head.contentLength, headEnd + bodyLength <= buffer.count else {
                throw BenchError("An answer without a usable Content-Length, status \(head.status).")
            }
            while count < headEnd + bodyLength { count += try receiveMore(after: count) }
            return Answer(status: head.status, cookies: head.cookies)
        }
    }

    private func receiveMore(after count: Int) throws -> Int {
        while true {
            let more = buffer.withUnsafeMutableBytes { bytes in
                let free = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
                return recv(descriptor, free.baseAddress, free.count, 0)
            }
            if more < 0, errno == EINTR { continue }
            guard more > 0 else {
                let reason = more == 0 ? "closed the connection" : String(cString: strerror(errno))
                throw BenchError("No answer from the server: \(reason).")
            }
            return more
        }
    }
}

/// Addresses of this machine for itself.
enum Loopback {
    static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// A port that nobody listens on at this moment; below those that the system gives to clients, so that no client
    /// that looks for the server meets itself.
    static func freePort() throws -> UInt16 {
        for _ in 0..<50 {
            let port = UInt16.random(in: 20_000..<30_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = Self.address(port: port)
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isBound { return port }
        }
        throw BenchError("There is no free port on loopback.")
    }
}
