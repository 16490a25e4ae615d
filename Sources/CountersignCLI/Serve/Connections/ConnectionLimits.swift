import Glibc
import HummingbirdCore
import NIOCore
import Wire

/// What one connection, and all of them together, may take of the server (threats H02).
enum ConnectionLimits {
    /// How long a connection is kept without a complete head of a request; longer than a proxy keeps one to us, which
    /// is 60 seconds for most, so that no request meets a connection that is being closed.
    static let idle = TimeAmount.seconds(75)
    /// Files that the server needs beside its connections: the database, the standard streams, epoll.
    private static let reservedFiles = 128

    static let channel = HTTP1Channel.Configuration(
        // Told by our own rules, which see every request.
        idleTimeout: nil,
        httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 * 1024,
            maxHeaderListSize: 32 * 1024,
            maxHeaderFieldCount: 100
        )
    )

    /// Of all connections whose request has not come yet: of more than may be open when they send nothing, or of 90
    /// with the longest heads.
    static let heads = MemoryShares(.init(total: 3 * 1024 * 1024, each: 3 * 1024 * 1024))

    /// How much is read at once: each connection keeps the memory that it reads into for as long as it is open.
    static let reading = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2_048, maximum: 4 * 1024)

    /// How much of its answers a connection may leave unread before no further one is made: some pages.
    static let unread = ChannelOptions.Types.WriteBufferWaterMark(low: 8 * 1024, high: 16 * 1024)

    /// Bytes of an answer that the system keeps for a client that reads slowly. It would keep megabytes, and say nothing
    /// of a client that reads some of them in half a minute.
    static let sending = 64 * 1024

    /// As many as take some thirteen megabytes when they are idle, and fewer than the system allows files.
    static let open = OpenConnections(
        maximum: min(600, maximum - maximum / 8),
        loopCount: System.coreCount
    )

    /// How many connections there may be at once.
    static let maximum = raiseToAllowed()

    /// Takes as many open files as the system allows; further connections wait in its queue, since a server without a
    /// free file descriptor stops accepting for good.
    ///
    private static func raiseToAllowed() -> Int {
        let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(openFiles, &limit) == 0 else { return 512 }
        var raised = limit
        raised.rlim_cur = min(limit.rlim_max, 65_536)
        if raised.rlim_cur > limit.rlim_cur, setrlimit(openFiles, &raised) == 0 { limit = raised }
        return max(64, Int(clamping: limit.rlim_cur) - reservedFiles)
    }
}
