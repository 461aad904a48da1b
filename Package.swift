// swift-tools-version: 6.2
import PackageDescription

// One set of rules for every target of ours, so that nobody can forget a flag on a new one.
// Why each: ExistentialAny (SE-0335), MemberImportVisibility (SE-0444), InternalImportsByDefault (SE-0409),
// NonisolatedNonsendingByDefault (SE-0461), InferIsolatedConformances (SE-0470), ImmutableWeakCaptures (SE-0481),
// strict memory safety (SE-0458), warnings as errors (SE-0443).
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

// Products of other packages, by the name that the target lists below use.
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP2: Target.Dependency = .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let swiftASN1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")

let package = Package(
    name: "nightbell",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "nightbell", targets: ["nightbell"]),
        .executable(name: "nightbell-relay", targets: ["nightbell-relay"]),
    ],
    dependencies: [
        // Exact, for Package.resolved stays out of git: the same commit builds the same programs.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: ["YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // Layer 0: system libraries.
        .systemLibrary(
            name: "CSodium", path: "Sources/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CSystemd", path: "Sources/CSystemd", pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]),
        // Header alone: what Swift cannot call of glibc and the kernel.
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        // Without pkg-config, whose definitions for ncursesw the package manager refuses with a warning: the shim has them.
        .systemLibrary(name: "CNcurses", path: "Sources/CNcurses", providers: [.apt(["libncurses-dev"])]),

        // Layer 1: guarded memory, key files and the wrapped primitives; the only importer of CSodium.
        .target(name: "Secrets", dependencies: ["CSodium", crypto, systemPackage]),

        // Lists of ten thousand, on every core: from the rows of a store to the lines of a table.
        .target(name: "Parallel"),
        // Processes that guard each other: shields, pidfds, children, Unix sockets; the only importer of CLinux.
        .target(name: "Processes", dependencies: ["CLinux"]),
        // D-Bus: sleep of the machine, notifications of the desktop; the only importer of CSystemd.
        .target(name: "DesktopBus", dependencies: ["CSystemd"]),

        // Layer 2: strict texts, signed notes, every statement type, identifiers.
        .target(name: "Statements", dependencies: ["Secrets"]),

        // Removes the arrow DeviceKit -> PushDelivery: what the relay encrypts and a device opens is one piece, with neither's
        // network.
        .target(name: "WebPush", dependencies: ["Secrets"]),

        // Layer 3.
        .target(name: "Sealing", dependencies: ["Secrets", "Statements"]),
        .target(name: "TransparencyLog", dependencies: ["Statements", "Secrets"]),

        // Layer 4.
        .target(name: "Membership", dependencies: ["Secrets", "Statements", "TransparencyLog"]),
        .target(name: "RelayAPI", dependencies: ["Secrets", "Statements", "TransparencyLog"]),

        // Removes the arrow from whoever only holds keys (the agent) to the database: it cannot open what it has keys for.
        .target(name: "StoreKeying", dependencies: ["Secrets"]),

        // Layer 5: storage, named by intent; the only importers of GRDB.
        .target(name: "RelayStorage", dependencies: ["Statements", "TransparencyLog"]),
        .target(name: "SQLiteStorage", dependencies: ["RelayStorage", "Statements", "TransparencyLog", grdb]),
        // Removes the arrow DeviceKit -> GRDB: the device kit names what it stores, this target knows the database.
        .target(name: "DeviceStorage", dependencies: ["Secrets", "Parallel", "StoreKeying", grdb]),

        // Pages out: what is particular to Web Push, APNs or FCM ends here.
        .target(
            name: "PushDelivery",
            dependencies: ["Secrets", "WebPush", asyncHTTPClient, crypto, jwtKit, nioCore, nioHTTP1, nioPosix, nioSSL]),

        // Layer 6.
        .target(
            name: "RelayService",
            dependencies: [
                "Secrets", "Statements", "TransparencyLog", "Sealing", "Membership", "RelayAPI", "RelayStorage",
                "SQLiteStorage", "PushDelivery", "WebPush",
                configuration, coreMetrics, crypto, hummingbird, hummingbirdCore, httpTypes, logging, metrics,
                nioCore, nioHTTP1, nioHTTP2, nioHTTPTypes, nioHTTPTypesHTTP2, nioPosix, nioSSL, nioTLS,
                serviceLifecycle, swiftASN1, systemPackage, unixSignals, x509,
            ]),
        .target(
            name: "DeviceKit",
            dependencies: [
                "Secrets", "Parallel", "Statements", "TransparencyLog", "Sealing", "WebPush", "Membership", "RelayAPI",
                "DeviceStorage", "StoreKeying", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS,
                systemPackage,
            ]),
        .target(
            name: "Auditing",
            dependencies: [
                "Secrets", "Statements", "TransparencyLog", "Sealing", "Membership", "RelayAPI", systemPackage,
            ]),

        // Removes the arrow Auditing -> GRDB: the audit names what outgrows memory, this target knows the database.
        .target(name: "AuditStorage", dependencies: ["Auditing", "Secrets", grdb]),
        // Removes the arrow TerminalClient -> Hummingbird: commands know a witness's answers, this target serves them.
        .target(
            name: "WitnessService",
            dependencies: [
                "Secrets", "Statements", "TransparencyLog", "Auditing",
                hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, logging, nioCore, nioPosix, nioSSL,
                serviceLifecycle, unixSignals,
            ]),

        // Removes the arrow from what holds the store key to what decodes plaintext: it knows neither store nor relay.
        .target(name: "UnlockAgent", dependencies: ["Secrets", "StoreKeying", "Processes", "DesktopBus"]),

        // Layer 7: thin programs.
        .executableTarget(
            name: "nightbell-relay",
            dependencies: ["RelayService", "Statements", argumentParser, logging, systemPackage]),
        // What runs in a signal handler may call almost nothing: it is C, so that nobody calls more by accident.
        .target(name: "CTerminalGuard", path: "Clients/Terminal/CTerminalGuard"),
        // Removes the arrow TerminalClient -> CNcurses: screens are values, and this target alone knows terminals.
        .target(
            name: "TerminalScreen", dependencies: ["CNcurses", "CTerminalGuard"],
            path: "Clients/Terminal/TerminalScreen"),
        .target(
            name: "TerminalClient",
            dependencies: [
                "Secrets", "Parallel", "Statements", "TransparencyLog", "Sealing", "Membership", "RelayAPI",
                "DeviceKit", "Auditing", "AuditStorage", "WitnessService", "StoreKeying", "UnlockAgent", "Processes",
                "TerminalScreen",
                "DesktopBus",
                argumentParser, systemPackage,
            ],
            path: "Clients/Terminal/TerminalClient"),
        .executableTarget(
            name: "nightbell", dependencies: ["TerminalClient"], path: "Clients/Terminal/nightbell"),

        // Tools that only developers run.
        .executableTarget(
            name: "nightbell-bench",
            dependencies: [
                "Secrets", "Statements", "TransparencyLog", "Sealing", "Membership", "RelayAPI", "DeviceStorage",
                "DeviceKit", "WebPush", "Auditing", "AuditStorage",
                argumentParser, asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            path: "Tests/Benchmarks"),
        // What every relay store must do; a target of its own, so that each store's tests can run it.
        .target(
            name: "StorageConformance", dependencies: ["RelayStorage", "Statements", "Secrets"],
            path: "Tests/StorageConformance"),
        .executableTarget(
            name: "nightbell-vectors",
            dependencies: ["FuzzSupport", "Secrets", "Statements", "Sealing", "TransparencyLog"],
            path: "Tests/VectorMaker"),
        // What the tests of several targets share: seeded random values, the committed vectors, the fuzz harness.
        .target(name: "FuzzSupport", dependencies: ["Secrets", "Statements"], path: "Tests/FuzzSupport"),
        // A push service that lies at hand, for the transports' tests and for those of the whole.
        .target(
            name: "PushPeer", dependencies: ["PushDelivery", nioSSL], path: "Tests/PushPeer", exclude: ["Peers"]),
        // An organisation with every key at hand, its honest days, and the lies that somebody in it could tell: shared by the
        // tests of the audit and the tool that writes the corpus.
        .target(
            name: "AuditSupport",
            dependencies: [
                "FuzzSupport", "SignerSupport", "Auditing", "DeviceKit", "Sealing", "Membership", "TransparencyLog",
                "Statements", "Secrets",
            ],
            path: "Tests/AuditSupport"),
        // The corpus of lies as folders, and our audit on every one.
        .executableTarget(
            name: "nightbell-lies", dependencies: ["AuditSupport", "Auditing", argumentParser], path: "Tests/Lies"),
        // Who signs in the tests of the rules and of the audit: keys and identifiers that follow from a name.
        .target(name: "SignerSupport", dependencies: ["Secrets", "Statements"], path: "Tests/SignerSupport"),
    ]
)

// Tests: one folder a target, and the targets that each may see.
let tests: [(name: String, dependencies: [Target.Dependency])] = [
    ("SecretsTests", ["FuzzSupport", "Secrets"]),
    ("ParallelTests", ["Parallel"]),
    ("WebPushTests", ["FuzzSupport", "WebPush", "Secrets"]),
    ("StatementsTests", ["FuzzSupport", "Statements", "Secrets"]),
    ("UnlockAgentTests", ["FuzzSupport", "UnlockAgent", "StoreKeying", "Secrets", "Processes"]),
    ("SealingTests", ["FuzzSupport", "Sealing", "Statements", "Secrets"]),
    ("TransparencyLogTests", ["FuzzSupport", "TransparencyLog", "Statements", "Secrets"]),
    (
        "MembershipTests",
        ["FuzzSupport", "SignerSupport", "Membership", "TransparencyLog", "Statements", "Secrets"]
    ),
    ("RelayAPITests", ["FuzzSupport", "RelayAPI", "TransparencyLog", "Statements", "Secrets"]),
    (
        "SQLiteStorageTests",
        ["StorageConformance", "SQLiteStorage", "RelayStorage", "TransparencyLog", "Statements", "Secrets"]
    ),
    (
        "RelayServiceTests",
        [
            "RelayService", "SQLiteStorage", "RelayStorage", "RelayAPI", "Membership", "TransparencyLog", "Sealing",
            "Auditing", "Statements", "PushPeer", "PushDelivery", "WebPush", "Secrets",
            asyncHTTPClient, coreMetrics, httpTypes, hummingbirdCore, logging, nioCore, nioHTTP1, nioPosix, nioSSL,
            serviceLifecycle, systemPackage,
        ]
    ),
    (
        "PushDeliveryTests",
        ["FuzzSupport", "PushPeer", "PushDelivery", "WebPush", "Secrets", crypto, jwtKit, nioCore, nioHTTP1, nioSSL]
    ),
    (
        "DeviceKitTests",
        [
            "FuzzSupport", "DeviceKit", "DeviceStorage", "StoreKeying", "Sealing", "WebPush", "RelayAPI", "Membership",
            "TransparencyLog",
            "Statements", "Secrets",
        ]
    ),
    (
        "AuditingTests",
        [
            "AuditSupport", "FuzzSupport", "SignerSupport", "Auditing", "AuditStorage", "DeviceKit", "Sealing",
            "Membership",
            "TransparencyLog", "Statements", "Secrets",
        ]
    ),
    (
        "AuditStorageTests",
        ["AuditSupport", "AuditStorage", "Auditing", "Secrets", "Statements", grdb]
    ),
    ("TerminalScreenTests", ["TerminalScreen"]),
    (
        "TerminalClientTests",
        [
            "AuditSupport", "FuzzSupport", "SignerSupport", "TerminalClient", "TerminalScreen", "DeviceKit",
            "UnlockAgent", "Processes", "RelayAPI", "Auditing", "Secrets", "Statements", "Membership",
            "TransparencyLog", argumentParser,
        ]
    ),
    (
        "IntegrationTests",
        [
            "CSystemd", "Secrets", "Statements", "Sealing", "TransparencyLog", "Membership", "RelayAPI", "RelayStorage",
            "SQLiteStorage", "PushPeer", "PushDelivery", "WebPush",
            "DeviceStorage", "StoreKeying", "DeviceKit", "Auditing", asyncHTTPClient, httpTypes, hummingbird,
            hummingbirdCore,
            hummingbirdTLS, logging, nioCore, nioHTTP1, nioSSL, serviceLifecycle, systemPackage,
        ]
    ),
]
// The library that ends programs in the middle of their work is C, and built by the test that preloads it; peers on the network
// are processes of their own.
let excluded = ["IntegrationTests": ["Kills/killpoint.c", "Peers"], "RelayServiceTests": ["Peers"]]
package.targets += tests.map { test in
    .testTarget(
        name: test.name, dependencies: test.dependencies, path: "Tests/\(test.name)",
        exclude: excluded[test.name] ?? [])
}

for target in package.targets where target.type != .system {
    target.swiftSettings = strict
}
