// swift-tools-version: 6.2

import Foundation
import PackageDescription

// One array for every target, so that no module is held to less than its neighbours.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
    .enableUpcomingFeature("ImmutableWeakCaptures"),  // SE-0481
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// For what touches secrets or C: each unsafe use must be spelled.
let strictSettings = settings + [.strictMemorySafety()]

/// libargon2 as an archive where the system has one: only so can it be told to leave wiping memory to us (ADR 0022).
/// `scripts/build-release.sh` names one whose code begins with a cache line (ADR 0029).
let argon2Archives = ["x86_64-linux-gnu/", "aarch64-linux-gnu/", ""].map { "/usr/lib/\($0)libargon2.a" }
let argon2 = LinkerSetting.linkedLibrary(
    Context.environment["COUNTERSIGN_LINK_ARGON2"]
        ?? (argon2Archives.contains(where: FileManager.default.fileExists(atPath:)) ? ":libargon2.a" : "argon2")
)

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "countersign",
    products: [
        .executable(name: "countersign", targets: ["countersign"]),
        .library(name: "OneTimePassword", targets: ["OneTimePassword"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // C libraries of the system, one module map each.
        .systemLibrary(name: "CArgon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CQRencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        // libpq is one too, but loaded when it is wanted: see its header.
        .target(name: "CPostgres"),
        .target(name: "CCountersignShims"),

        // The inside: no HTTP, no SQL, no clock.
        .target(name: "OutsideText", swiftSettings: settings),
        .target(name: "Secrets", dependencies: ["CCountersignShims", crypto], swiftSettings: strictSettings),
        .target(name: "OneTimePassword", dependencies: [crypto], swiftSettings: strictSettings),
        .target(name: "Accounts", dependencies: ["OutsideText", "Secrets"], swiftSettings: settings),
        .target(name: "SignIn", dependencies: ["Accounts", "OneTimePassword", "Secrets"], swiftSettings: settings),
        .target(
            name: "Gateway",
            dependencies: ["Accounts", "OutsideText", "Secrets", "SignIn"],
            swiftSettings: settings
        ),
        .target(name: "Agents", dependencies: ["Accounts", "Secrets", "SignIn"], swiftSettings: settings),

        // The rim.
        .target(
            name: "Credentials",
            dependencies: ["Secrets", "CArgon2", "CCountersignShims", crypto],
            swiftSettings: strictSettings,
            linkerSettings: [argon2]
        ),
        .target(
            name: "Telemetry",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .target(name: "QRCode", dependencies: ["CQRencode"], swiftSettings: strictSettings),
        .target(name: "Libpq", dependencies: ["CPostgres"], swiftSettings: strictSettings),
        .target(
            name: "Storage",
            dependencies: [
                "Accounts", "Agents", "Gateway", "Libpq", "OneTimePassword", "Secrets", "SignIn",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Wire",
            dependencies: [
                "OutsideText",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Portal",
            dependencies: [
                "Accounts", "Agents", "Credentials", "Gateway", "OneTimePassword", "OutsideText", "QRCode", "Secrets",
                "SignIn", "Wire",
                logging, metrics,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: [.embedInCode("Resources")],
            swiftSettings: settings
        ),
        .target(
            name: "CountersignCLI",
            dependencies: [
                "Accounts", "Agents", "Credentials", "Gateway", "Libpq", "OutsideText", "Portal", "Secrets", "SignIn",
                "Storage", "Telemetry", "Wire",
                logging, metrics,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "countersign", dependencies: ["CountersignCLI"], swiftSettings: settings),

        // `make bench-sign-in`; a root package's executable targets are products without being named as such.
        .executableTarget(
            name: "countersign-bench",
            dependencies: ["Accounts", "Credentials", "OneTimePassword", "Secrets", "SignIn", "Storage"],
            path: "Benchmarks/CountersignBench",
            swiftSettings: settings
        ),

        // `make bench-growth`
        .executableTarget(
            name: "countersign-growth",
            dependencies: ["Accounts", "OneTimePassword", "Secrets", "SignIn", "Storage"],
            path: "Benchmarks/CountersignGrowth",
            swiftSettings: settings
        ),

        // The baseline of `make bench-forward`.
        .executableTarget(
            name: "bare-route",
            dependencies: [.product(name: "Hummingbird", package: "hummingbird")],
            path: "Benchmarks/BareRoute",
            swiftSettings: settings
        ),

        .testTarget(name: "OutsideTextTests", dependencies: ["OutsideText"], swiftSettings: settings),
        .testTarget(
            name: "WireTests",
            dependencies: [
                "Wire",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "AccountsTests", dependencies: ["Accounts", "Secrets"], swiftSettings: settings),
        .testTarget(
            name: "SignInTests",
            dependencies: ["Accounts", "OneTimePassword", "Secrets", "SignIn"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Accounts", "Gateway", "Secrets", "SignIn"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AgentsTests",
            dependencies: ["Accounts", "Agents", "OneTimePassword", "Secrets", "SignIn"],
            swiftSettings: settings
        ),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets", crypto], swiftSettings: settings),
        .testTarget(name: "OneTimePasswordTests", dependencies: ["OneTimePassword"], swiftSettings: settings),
        .testTarget(name: "CredentialsTests", dependencies: ["Credentials", "Secrets"], swiftSettings: settings),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["Telemetry", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .testTarget(name: "QRCodeTests", dependencies: ["OneTimePassword", "QRCode"], swiftSettings: settings),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Accounts", "Gateway", "OneTimePassword", "Secrets", "SignIn", "Storage"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PortalTests",
            dependencies: [
                "Accounts", "Credentials", "Gateway", "OneTimePassword", "Portal", "Secrets", "SignIn", "Storage",
                logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                // A channel that is no socket, for the address of the peer.
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
