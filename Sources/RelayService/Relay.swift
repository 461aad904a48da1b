import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import PushDelivery
import RelayStorage
import SQLiteStorage
import ServiceLifecycle
import Statements
import SystemPackage
import TransparencyLog
import UnixSignals

/// The relay, put together: storage, organisations, timers, the public listener, health and metrics, the admin socket.
///
/// Start order is also the order of trust: the data directory's lock, the store compared with the head lock, the whole
/// tree recomputed after an unclean stop, every rule replayed; only then the first connection.
public struct Relay: Sendable {
    private let configuration: RelayConfiguration
    private let lock: DataDirectoryLock
    private let store: SQLiteRelayStore
    private let blobs: BlobFiles
    private let headLock: HeadLock
    private let organisations: Organisations
    private let pushSetup: PushSetup
    private let pushKey: PushKey
    private let witnessSetup: WitnessSetup
    private let witnessWake: WakeBell
    private let logger: Logger

    /// Opens what is stored and refuses what must not be served.
    /// - Throws: ``OperationsError`` or what storage and rules throw.
    public static func open(_ configuration: RelayConfiguration, logger: Logger) async throws -> Relay {
        let lock = try configuration.data.lock()
        let pushSetup = try PushSetup.load(configuration)
        let witnessSetup = try WitnessSetup.load(configuration)
        let pushKey = try PushKeyFiles.pushKey(at: configuration.data.pushKey)
        let store = try SQLiteRelayStore(path: configuration.data.database.string)
        try await StartChecks.compareWithHeadLock(configuration, store: store)
        if StartChecks.wasUnclean(configuration.data) {
            logger.warning("the last stop was not clean; recomputing every tree")
            let report = try await LogCheck.run(store)
            if let problem = report.problems.first {
                throw OperationsError(
                    .storeForked, "the logs do not give what was signed: \(problem.message)",
                    next: "keep the data directory for evidence and restore the newest backup")
            }
        }
        try StartChecks.markRunning(configuration.data)
        let blobs = try BlobFiles(folder: configuration.data.blobs.string)
        let headLock = try HeadLock(configuration.headLock, logger: logger)
        let witnessWake = WakeBell()
        let organisations = Organisations(
            store: store, keyFiles: LogKeyFiles(directory: configuration.data.keys), headLock: headLock,
            cosigned: CosignatureBoard(
                witnessSetup.witnesses.map(\.key), kept: CosignedFile.kept(at: configuration.data.cosigned),
                onNew: { witnessWake.ring() }), logger: logger)
        try await organisations.load()
        return Relay(
            configuration: configuration, lock: lock, store: store, blobs: blobs, headLock: headLock,
            organisations: organisations, pushSetup: pushSetup, pushKey: pushKey, witnessSetup: witnessSetup,
            witnessWake: witnessWake, logger: logger)
    }

    /// `check` on a relay that does not run.
    /// - Parameter readsAttachments: Whether every sealed attachment is read and hashed, too.
    public static func check(
        _ configuration: RelayConfiguration, readsAttachments: Bool = false
    ) async throws -> CheckReport {
        let lock = try configuration.data.lock()
        defer { withExtendedLifetime(lock) {} }
        let store = try SQLiteRelayStore(path: configuration.data.database.string)
        try await StartChecks.compareWithHeadLock(configuration, store: store)
        let blobs = try BlobFiles(folder: configuration.data.blobs.string)
        let report = try await whole(store, blobs, readsAttachments: readsAttachments)
        try store.close()
        return report
    }

    private static func whole(
        _ store: any RelayStore, _ blobs: any BlobStore, readsAttachments: Bool
    ) async throws -> CheckReport {
        try await LogCheck.run(store).adding(BlobCheck.run(store, blobs, readsAll: readsAttachments))
    }

    /// Serves until SIGTERM or SIGINT; what was accepted by then is answered.
    /// - Parameter onRunning: Told the port once connections are taken.
    public func serve(onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let metrics = PrometheusMetrics()
        let codes = try FoundingCodes(configuration.data.foundingCodes)
        let relayMetrics = RelayMetrics(factory: metrics)
        let pager = pager(PushWatch(PushMetrics(factory: metrics), logger: logger))
        for word in pushSetup.words { logger.info("\(word)") }
        var services: [any Service] = [headLock]
        if let address = configuration.operations {
            let headLock = headLock
            services.append(
                OperationsServer(address: address, metrics: metrics, logger: logger) {
                    headLock.hasFailed ? .notReady(reason: "head_lock_behind") : .ready
                })
        }
        services.append(adminSocket(codes))
        services.append(organisations)
        services.append(
            ExpiryTimer(organisations: organisations, store: store, logger: logger) { relayMetrics.unanswered($0) })
        services.append(
            PageOutbox(
                organisations: organisations, store: store, dispatcher: pager.dispatcher, key: pushKey,
                counts: pager.counts, logger: logger))
        services.append(witnessAsker(WitnessMetrics(factory: metrics)))
        services.append(BlobSweep(store: store, blobs: blobs, logger: logger))
        services.append(try application(codes: codes, metrics: relayMetrics, pager: pager, onRunning: onRunning))
        services.append(StreamTicker(organisations: organisations))
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(configuration.drainSeconds)
        group.maximumCancellationDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError where Self.isAboutAddresses(Errno(rawValue: error.errnoCode)) {
            let addresses = [configuration.listen, configuration.operations].compactMap { $0?.description }
            throw OperationsError(
                .addressUnusable,
                "cannot listen on \(addresses.joined(separator: " or ")): \(Errno(rawValue: error.errnoCode))",
                next: "stop what listens there, or choose others with --listen and --operations-listen")
        }
        pushSetup.close()
        witnessSetup.close()
        try store.close()
        try StartChecks.markClean(configuration.data)
        withExtendedLifetime(lock) {}
    }

    private func witnessAsker(_ metrics: WitnessMetrics) -> WitnessAsker {
        let asker = WitnessAsker(
            organisations.cosigned, posts: witnessSetup.posts, store: store, file: configuration.data.cosigned,
            metrics: metrics, logger: logger)
        witnessWake.answer { asker.wake() }
        return asker
    }

    private func pager(_ watch: PushWatch) -> Pager {
        Pager(
            dispatcher: PushDispatcher(pushSetup.transports, observer: watch, now: { PushClock.uptime() }),
            key: pushKey, endpoints: pushSetup.endpoints, vapidKey: pushSetup.vapidKey,
            counts: .init(dropped: { watch.dropped($0) }, waiting: { watch.waiting($0) }))
    }

    private static func isAboutAddresses(_ error: Errno) -> Bool {
        [.addressInUse, .addressNotAvailable, .permissionDenied].contains(error)
    }

    private func application(
        codes: FoundingCodes, metrics: RelayMetrics, pager: Pager, onRunning: @escaping @Sendable (Int) async -> Void
    ) throws -> some Service {
        let files = try TLSFiles.load(
            certificate: configuration.certificate, key: configuration.certificateKey, name: configuration.name)
        for warning in files.warnings { logger.warning("\(warning)") }
        let configuration = configuration
        let clock: @Sendable () -> Timestamp = { Timestamp.now() }
        let routes = RelayRoutes(
            organisations: organisations, store: store, blobs: blobs,
            uploads: BlobUploads(store: store, blobs: blobs),
            founding: Founding(
                relayName: configuration.name.description, keyFiles: LogKeyFiles(directory: configuration.data.keys),
                codes: codes, isOpen: { configuration.mayFoundWithoutCode(from: $0) }),
            authenticator: Authenticator(clock: clock), metrics: metrics, pager: pager,
            limits: configuration.limits, clock: clock)
        var address = ApplicationConfiguration(
            address: .hostname(configuration.listen.host, port: configuration.listen.port), backlog: 1_024)
        address.availableConnectionsDelegate = MaximumAvailableConnections(configuration.limits.connections)
        return Application(
            router: routes.router(
                limiter: RateLimiter(
                    perSecond: configuration.limits.requestsPerSecond, burst: configuration.limits.requestBurst)),
            server: RelayListener.builder(tls: files.configuration),
            configuration: address,
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
    }

    private func adminSocket(_ codes: FoundingCodes) -> AdminSocket {
        let (store, blobs) = (store, blobs)
        return AdminSocket(path: configuration.data.adminSocket, logger: logger) { request in
            do {
                switch request {
                case .foundingCode: return .foundingCode(try codes.issue())
                case .check, .checkAll:
                    return .check(try await Self.whole(store, blobs, readsAttachments: request == .checkAll))
                }
            } catch let error as OperationsError {
                return .refused(error)
            } catch {
                return .refused(
                    OperationsError(
                        .fileUnusable, "the database could not be read", next: "look at the relay's log and disk"))
            }
        }
    }
}
