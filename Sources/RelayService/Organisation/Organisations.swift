import Logging
import Membership
import RelayAPI
import RelayStorage
import Secrets
import ServiceLifecycle
import Statements
import Synchronization
import TransparencyLog

/// Every organisation that this relay carries, each with its sequencer and its streams. Loads them at start and runs
/// the sequencers, also of those founded later.
final class Organisations: Service, CustomStringConvertible {
    /// One organisation at work.
    struct Running: Sendable {
        let sequencer: Sequencer
        let hub: StreamHub
        let keys: OrganisationKeys
    }

    private struct State {
        var running: [OrganisationID: Running] = [:]
        var ofDevice: [DeviceID: OrganisationID] = [:]
    }

    private let store: any RelayStore
    private let keyFiles: LogKeyFiles
    private let headLock: HeadLock
    let cosigned: CosignatureBoard
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    /// Where batches tell the outbox of pages.
    let pages = PageBell()
    private let state = Mutex(State())
    private let new: AsyncStream<Sequencer>
    private let start: AsyncStream<Sequencer>.Continuation

    init(
        store: any RelayStore, keyFiles: LogKeyFiles, headLock: HeadLock,
        cosigned: CosignatureBoard = CosignatureBoard([]), logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.store = store
        self.keyFiles = keyFiles
        self.headLock = headLock
        self.cosigned = cosigned
        self.logger = logger
        self.clock = clock
        (new, start) = AsyncStream.makeStream()
    }

    var description: String { "organisations" }

    /// Loads what is stored. Refuses to start over logs that break a rule.
    func load() async throws {
        let keyFiles = keyFiles
        let loaded = try await store.read { reader in
            try reader.organisations().map { organisation in
                guard let first = try reader.entry(0, in: .roster, of: organisation) else {
                    throw StorageError(.broken, part: "roster log")
                }
                let note = try SignedNote(parsing: try Entry(parsing: first).body)
                let keys = try keyFiles.load(try Genesis(parsing: note.text))
                return (try OrganisationState.load(organisation, keys: keys, from: reader), keys)
            }
        }
        for (state, keys) in loaded { add(state, keys: keys) }
    }

    /// Whether a device key belongs to another organisation already: it may be enrolled once, in one.
    func isElsewhere(_ device: DeviceID, than organisation: OrganisationID) -> Bool {
        (self.organisation(of: device)?.sequencer.organisation).map { $0 != organisation } ?? false
    }

    /// Takes up a founded organisation; one that runs already is left as it is.
    @discardableResult
    func add(_ organisation: OrganisationState, keys: OrganisationKeys) -> Running {
        let headLock = headLock
        let cosigned = cosigned
        let hub = StreamHub(pages: pages)
        let sequencer = Sequencer(
            state: organisation, keys: keys, store: store, hub: hub,
            clock: BatchClock(after: organisation.lastTime, now: clock), logger: logger
        ) { state in
            headLock.record(state)
            cosigned.record(state)
        }
        let running = Running(sequencer: sequencer, hub: hub, keys: keys)
        let existing = state.withLock { state in
            if let existing = state.running[organisation.organisation] { return Optional(existing) }
            state.running[organisation.organisation] = running
            return nil
        }
        if let existing { return existing }
        headLock.record(organisation)
        for log in LogKind.allCases {
            cosigned.add(
                LogName(organisation.organisation, log), keys.logKey(log), head: organisation.head(log))
        }
        start.yield(sequencer)
        return running
    }

    subscript(organisation: OrganisationID) -> Running? { state.withLock { $0.running[organisation] } }

    var all: [Running] { state.withLock { Array($0.running.values) } }

    /// The organisation that a device was enrolled in; a device belongs to one, for ever.
    func organisation(of device: DeviceID) -> Running? {
        if let known = state.withLock({ state in state.ofDevice[device].flatMap { state.running[$0] } }) {
            return known
        }
        for running in all {
            let current = running.sequencer.published.current
            guard current.view(at: current.lastTime).device(device) != nil else { continue }
            state.withLock { $0.ofDevice[device] = current.organisation }
            return running
        }
        return nil
    }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            await withGracefulShutdownHandler {
                for await sequencer in new {
                    group.addTask {
                        do { try await sequencer.run() } catch {
                            self.logger.critical(
                                "a sequencer ended", metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
                        }
                    }
                }
            } onGracefulShutdown: {
                self.start.finish()
            }
        }
    }
}

extension CosignatureBoard {
    /// Notes both heads of a durable state.
    func record(_ state: OrganisationState) {
        for log in LogKind.allCases { record(state.head(log), of: LogName(state.organisation, log)) }
    }
}

extension HeadLock {
    /// Notes both heads of a durable state.
    func record(_ state: OrganisationState) {
        for log in LogKind.allCases {
            let head = state.head(log)
            record(
                LockedHead(size: head.size, root: head.root, checkpoint: head.note.bytes),
                of: LogName(state.organisation, log))
        }
    }
}
