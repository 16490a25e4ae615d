/// How the server is reached.
package struct PostgresSettings: Sendable {
    /// `postgres://user@host/name?sslmode=verify-full`, as libpq takes it.
    package let address: String
    /// Where to listen for what other nodes tell; a pooler in transaction mode cannot carry it. Nil listens nowhere.
    package let listenAddress: String?
    /// Off behind a pooler that gives each transaction another connection.
    package let isPrepared: Bool
    package let connections: Int
    /// How many times longer everything may take than where somebody waits at a browser; nil is without an end, for a
    /// migration or a move.
    package var patience: Int? = 1

    package init(
        address: String,
        listenAddress: String? = nil,
        isPrepared: Bool = true,
        connections: Int = 8
    ) {
        self.address = address
        self.listenAddress = listenAddress ?? (isPrepared ? address : nil)
        self.isPrepared = isPrepared
        self.connections = connections
    }

    // Nobody waits for ever: a statement ends before its transaction, and that before the browser gives up.
    static let statementMilliseconds = 5_000
    static let lockMilliseconds = 4_000
    static let idleMilliseconds = 8_000
    var transaction: Duration { patience.map { .seconds(6 * $0) } ?? .seconds(24 * 3_600) }
    /// How long a transaction may wait for a free connection.
    var queue: Duration { .seconds(4 * (patience ?? 1)) }

    var limits: [String] {
        [
            "statement_timeout = \((patience ?? 0) * Self.statementMilliseconds)",
            "lock_timeout = \((patience ?? 0) * Self.lockMilliseconds)",
            "idle_in_transaction_session_timeout = \((patience ?? 0) * Self.idleMilliseconds)",
        ]
    }

    package var patient: PostgresSettings {
        var settings = self
        settings.patience = nil
        return settings
    }

    /// In libpq's words; what the address says comes last and counts.
    static func options(_ address: String) -> [(name: String, value: String)] {
        [
            ("application_name", "countersign"), ("connect_timeout", "3"), ("client_encoding", "UTF8"),
            // A server that vanished without a word is noticed by the kernel, too.
            ("tcp_user_timeout", "6000"), ("keepalives_idle", "10"), ("keepalives_interval", "3"),
            ("keepalives_count", "3"),
            // Of several hosts the one that takes writes.
            ("target_session_attrs", "read-write"), ("dbname", address),
        ]
    }
}
