import CPostgres
import Glibc

/// One connection to a server, for one thread at a time. Every wait has a deadline; after one that was missed the
/// connection is good for nothing but closing.
@safe package final class PostgresLink {
    package typealias Deadline = ContinuousClock.Instant

    private let connection: OpaquePointer
    /// The server went away, or did not answer in time.
    package private(set) var isBroken = false

    /// - Parameter options: in libpq's words, a later one over an earlier one; `dbname` may be a whole address.
    package init(_ options: [(name: String, value: String)]) throws(PostgresFailure) {
        guard Self.isInstalled else { throw PostgresFailure(state: nil, message: "libpq is not installed") }
        let opened = unsafe Self.withTexts(options.map(\.name)) { names in
            unsafe Self.withTexts(options.map(\.value)) { values in
                unsafe PQconnectdbParams(names, values, 1)
            }
        }
        guard let opened = unsafe opened else {
            throw PostgresFailure(state: nil, message: "there is no memory for a connection")
        }
        unsafe connection = opened
        guard unsafe PQstatus(opened) == CONNECTION_OK else {
            throw PostgresFailure(state: nil, message: unsafe Self.message(opened))
        }
        // Notices would go to standard error.
        unsafe PQsetNoticeReceiver(opened, { _, _ in }, nil)
    }

    deinit {
        unsafe PQfinish(connection)
    }

    /// Whether the system has libpq; it is loaded with this question.
    package static var isInstalled: Bool { countersign_postgres_load() }

    /// Whether libpq can read this address; its own message would repeat it, password and all.
    package static func accepts(address: String) -> Bool {
        guard isInstalled, let options = unsafe PQconninfoParse(address, nil) else { return false }
        unsafe PQconninfoFree(options)
        return true
    }

    // MARK: Statements

    /// Statements without parameters, separated by semicolons: the last one's answer.
    @discardableResult
    package func run(_ script: String, until deadline: Deadline) throws(PostgresFailure) -> PostgresAnswer {
        try send(unsafe PQsendQuery(connection, script))
        return try answer(until: deadline)
    }

    package func query(
        _ sql: String,
        _ parameters: [PostgresParameter],
        until deadline: Deadline
    ) throws(PostgresFailure) -> PostgresAnswer {
        let packed = PackedParameters(parameters)
        try send(
            unsafe packed.withPointers { values, lengths, formats in
                unsafe PQsendQueryParams(
                    connection,
                    sql,
                    packed.count,
                    packed.types,
                    values,
                    lengths,
                    formats,
                    1
                )
            }
        )
        return try answer(until: deadline)
    }

    package func prepare(
        _ name: String,
        _ sql: String,
        types: [UInt32],
        until deadline: Deadline
    ) throws(PostgresFailure) {
        try send(unsafe PQsendPrepare(connection, name, sql, Int32(types.count), types))
        _ = try answer(until: deadline)
    }

    package func query(
        prepared name: String,
        _ parameters: [PostgresParameter],
        until deadline: Deadline
    ) throws(PostgresFailure) -> PostgresAnswer {
        let packed = PackedParameters(parameters)
        try send(
            unsafe packed.withPointers { values, lengths, formats in
                unsafe PQsendQueryPrepared(connection, name, packed.count, values, lengths, formats, 1)
            }
        )
        return try answer(until: deadline)
    }

    private func send(_ isSent: Int32) throws(PostgresFailure) {
        guard !isBroken, isSent == 1 else { throw lost() }
    }

    /// Reads to the end of what was sent: the last answer, or the first failure.
    private func answer(until deadline: Deadline) throws(PostgresFailure) -> PostgresAnswer {
        var last: PostgresAnswer?
        var failure: PostgresFailure?
        while true {
            while unsafe PQisBusy(connection) == 1 {
                guard try waitForInput(until: deadline) else {
                    isBroken = true
                    throw .timedOut
                }
            }
            guard let result = unsafe PQgetResult(connection) else { break }
            let answer = unsafe PostgresAnswer(owning: result)
            last = answer
            if case .failed(let reason) = answer.outcome { failure = failure ?? reason }
        }
        if unsafe PQstatus(connection) != CONNECTION_OK { isBroken = true }
        if let failure { throw failure }
        guard let last else { throw lost() }
        return last
    }

    // MARK: Waiting

    /// Takes in what the server sends; false when nothing came in time.
    ///
    /// - Parameter wake: a descriptor that ends the waiting as well; true is answered then.
    package func waitForInput(orOn wake: Int32 = -1, until deadline: Deadline) throws(PostgresFailure) -> Bool {
        let socket = unsafe PQsocket(connection)
        guard socket >= 0 else { throw lost() }
        var watched = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
        if wake >= 0 { watched.append(pollfd(fd: wake, events: Int16(POLLIN), revents: 0)) }
        while true {
            let left = deadline - .now
            let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000
            // Rounded up, lest the last part of a millisecond be spent in asking again and again.
            let timeout = left > .zero ? Int32(clamping: milliseconds + 1) : 0
            let ready = unsafe poll(&watched, nfds_t(watched.count), timeout)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return false }
            break
        }
        if watched[0].revents != 0, unsafe PQconsumeInput(connection) != 1 { throw lost() }
        return true
    }

    /// Notices a server that closed the connection while it rested.
    package func checkRest() {
        guard !isBroken else { return }
        guard (try? waitForInput(until: .now)) != nil else { return }
        if unsafe PQstatus(connection) != CONNECTION_OK { isBroken = true }
    }

    /// What `NOTIFY` brought, in the order of the commits.
    package func notifications() -> [String] {
        var payloads: [String] = []
        while let notification = unsafe PQnotifies(connection) {
            if let payload = unsafe notification.pointee.extra { payloads.append(unsafe String(cString: payload)) }
            unsafe PQfreemem(notification)
        }
        return payloads
    }

    private func lost() -> PostgresFailure {
        isBroken = true
        return PostgresFailure(state: nil, message: unsafe Self.message(connection))
    }

    private static func message(_ connection: OpaquePointer) -> String {
        guard let text = unsafe PQerrorMessage(connection) else { return "" }
        let lines = unsafe String(cString: text).split(separator: "\n").map { $0.drop { $0.isWhitespace } }
        return lines.joined(separator: "; ")
    }

    /// C strings with a null pointer behind the last one.
    private static func withTexts<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
        var pointers = unsafe copies.map { unsafe UnsafePointer($0) }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("There is a null at the end.") }
            return unsafe body(base)
        }
    }
}
