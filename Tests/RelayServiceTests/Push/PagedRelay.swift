import Foundation
import Logging
import Membership
import PushDelivery
import RelayAPI
import RelayStorage
import SQLiteStorage
import Sealing
import Secrets
import Statements
import Synchronization
import SystemPackage
import Testing
import TransparencyLog
import WebPush

@testable import RelayService

/// A transport that gives the outcomes that it is told to, and remembers what it was given.
final class ScriptedTransport: PushTransport {
    let kind = PushTransportKind.webPush

    private struct State {
        var outcomes: [PushOutcome] = []
        var pages: [PushPage] = []
        var addresses: [PushAddress] = []
        var isHeld = false
    }

    private let state = Mutex(State())
    /// What it says next; `accepted` when nothing is left.
    func answer(_ outcomes: PushOutcome...) { state.withLock { $0.outcomes += outcomes } }
    /// From now on every attempt hangs until it is cancelled.
    func hold(_ isHeld: Bool = true) { state.withLock { $0.isHeld = isHeld } }

    var pages: [PushPage] { state.withLock { $0.pages } }

    func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome {
        let (outcome, isHeld) = state.withLock { state in
            state.pages.append(page)
            state.addresses.append(address)
            return (state.outcomes.isEmpty ? PushOutcome.accepted : state.outcomes.removeFirst(), state.isHeld)
        }
        guard isHeld else { return outcome }
        try? await Task.sleep(for: .seconds(3_600))
        return .later(.unreachable, after: nil)
    }

    /// Waits until it was given so many pages.
    func wait(_ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(600)
        while pages.count < count {
            try #require(ContinuousClock.now < deadline, "\(pages.count) pages")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

/// A founded organisation whose one device is paged over a scripted transport, at a time that the test sets.
final class PagedRelay: Sendable {
    let founded: FoundedRelay
    let organisations: Organisations
    let transport = ScriptedTransport()
    let key: PushKey
    let running: Organisations.Running
    let pager: Pager
    let clock: TestTime
    let dropped = Mutex(0)
    let attempts = CountedAttempts()

    init(slots: Int = 64) async throws {
        founded = try await FoundedRelay()
        key = PushKey(SecretBytes(random: 32))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = TestTime()
        self.clock = clock
        organisations = Organisations(
            store: founded.store, keyFiles: LogKeyFiles(directory: .init(founded.folder + "/keys")),
            headLock: try HeadLock(.init(founded.folder + "/head.lock"), logger: logger), logger: logger,
            clock: { clock.now })
        running = organisations.add(founded.state, keys: founded.keys)
        let dispatcher = PushDispatcher(
            [transport], limits: .init(transport: slots, service: slots), observer: attempts,
            now: { PushClock.uptime() })
        pager = Pager(
            dispatcher: dispatcher, key: key,
            endpoints: HostCheck(EndpointRules(), resolver: SystemResolver()), vapidKey: nil, counts: .init())
    }

    var device: Statements.DeviceID { founded.admin.device }
    var organisation: OrganisationID { running.sequencer.organisation }

    /// Runs `body` beside sequencer and outbox.
    func run<Result: Sendable>(
        outbox: Bool = true, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.running.sequencer.run() }
            if outbox { group.addTask { try await self.makeOutbox().run() } }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    /// - Parameter store: What it reads; the relay's where none is given.
    func makeOutbox(_ store: (any RelayStore)? = nil) -> PageOutbox {
        let clock = clock
        return PageOutbox(
            organisations: organisations, store: store ?? founded.store, dispatcher: pager.dispatcher, key: key,
            counts: .init(dropped: { _ in self.dropped.withLock { $0 += 1 } }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: { clock.now })
    }

    /// Time passes, and the outbox looks.
    func advance(_ seconds: Int64) {
        clock.advance(seconds)
        organisations.pages.ring()
    }

    // MARK: What is stored

    /// A subscription that works.
    @discardableResult
    func subscribe(_ number: UInt8 = 1, key other: PushKey? = nil) async throws -> StoredSubscription {
        let (id, device, key) = (SubscriptionID(bytes: [UInt8](repeating: number, count: 16)), device, other ?? key)
        let address = PushAddress.webPush(
            try PushEndpoint(parsing: "https://push.example/\(number)"),
            SubscriptionKeys(publicKey: P256PrivateKey().publicKey, authentication: randomBytes(16))!)
        let (organisation, now) = (organisation, clock.now)
        let subscription = StoredSubscription(
            device: device, id: id, transport: .webPush,
            sealedAddress: key.seal(address, for: device, id, of: organisation), registered: now, proven: now)
        try await founded.store.write { try $0.storeSubscription(subscription, of: organisation) }
        return subscription
    }

    /// A message to the device, as its acceptance leaves it.
    @discardableResult
    func message(
        _ urgency: Urgency = .urgent, served: Bool = false, expiresAfter seconds: Int64 = 86_400
    ) async throws -> StoredMessage {
        let now = clock.now
        let id = MessageID.make(at: now)
        let (device, member, organisation) = (device, founded.admin.member, organisation)
        let sealedKey = randomBytes(SealedKey.byteCount)
        let parts = StoredParts(
            alert: randomBytes(SealedPart.alertByteCount), capsule: nil, capsuleSealedKey: nil, recoverySealedKey: nil,
            content: randomBytes(64))
        let manifest = Manifest(
            organisation: organisation, seen: founded.state.activitySeen, message: id, sender: device, at: now,
            expires: now.adding(seconds: seconds), urgency: urgency, member: member, reference: nil,
            commitment: Digest.sha256(randomBytes(8)),
            recipients: [
                .init(
                    device: device, step: 0, delaySeconds: 0, prekey: PrekeyID(bytes: randomBytes(20)),
                    sealedKeyHash: Digest.sha256(sealedKey))
            ], without: [], recovery: nil, capsule: nil, alert: Manifest.Blob(of: parts.alert),
            content: Manifest.Blob(of: parts.content), binding: Digest.sha256(randomBytes(8)))
        let note = SignedNote(
            text: manifest.text, signedBy: SigningKey(seed: founded.adminSeed.duplicate()), as: device.description)
        return try await submit { batch in
            let place = try batch.appendActivity(note, message: id, isSought: false)
            let message = StoredMessage(
                id: id, index: place.index, manifest: note.hash, sender: device, senderMember: member, member: member,
                expires: manifest.expires, recipients: [device])
            try batch.transaction.storeMessage(
                message, parts: parts, sealedKeys: [(device, sealedKey)], of: organisation)
            try batch.enqueue(
                NewQueueItem(
                    kind: .envelope, index: place.index, leafHash: place.leafHash, message: id, byteCount: 64,
                    served: served), sealed: nil, for: device)
            try batch.page(message, urgency, to: device, served: served)
            return message
        }
    }

    func submit<Answer: Sendable>(_ write: @escaping @Sendable (inout Batch) throws -> Answer) async throws -> Answer {
        try await running.sequencer.submit(write: write) { answer, _ in answer }
    }

    // MARK: What became of it

    var jobs: [StoredPushJob] {
        get async throws {
            try await founded.store.read {
                try $0.duePushJobs(at: Timestamp(milliseconds: .max), limit: 100).map(\.job)
            }
        }
    }

    var subscriptions: [StoredSubscription] {
        get async throws {
            let (device, organisation) = (device, organisation)
            return try await founded.store.read { try $0.subscriptions(of: device, of: organisation) }
        }
    }

    /// The events of the log about pages and subscriptions, in words.
    var events: [String] {
        get async throws {
            let organisation = organisation
            return try await founded.store.read { reader in
                let size = try reader.head(.activity, of: organisation)!.size
                return try reader.entries(from: 0, count: Int(size), in: .activity, of: organisation).compactMap {
                    guard case .event(let event) = try ActivityStatement(parsing: Entry(parsing: $0).body) else {
                        return nil
                    }
                    return switch event.kind {
                    case .pushed(_, _, let transport, let attempt, let outcome):
                        "pushed \(transport.rawValue) \(attempt) \(outcome.rawValue)"
                    case .subscription(_, let transport, let change): "\(change.rawValue) \(transport.rawValue)"
                    default: nil
                    }
                }
            }
        }
    }

    /// Waits until the log has so many such events: an attempt is noted after the transport has it.
    func waitForEvents(_ count: Int) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            let events = try await events
            if events.count >= count { return events }
            try #require(ContinuousClock.now < deadline, "\(events)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until jobs stand as the condition asks for.
    func waitForJobs(_ condition: ([StoredPushJob]) -> Bool) async throws -> [StoredPushJob] {
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            let jobs = try await jobs
            if condition(jobs) { return jobs }
            try #require(ContinuousClock.now < deadline, "\(jobs)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A store whose first answer of a kind is given a few times more, as if it had been looked up before what came since.
final class LateStore: RelayStore {
    private let store: any RelayStore
    private let first = Mutex<(any Sendable)?>(nil)
    private let repeats: Mutex<Int>

    init(_ store: any RelayStore, repeats: Int) {
        self.store = store
        self.repeats = Mutex(repeats)
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any RelayTransaction) throws -> Result
    ) async throws -> Result { try await store.write(body) }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any RelayReader) throws -> Result) async throws -> Result {
        let result = try await store.read(body)
        let first = first.withLock { first in
            if first == nil { first = result }
            return first
        }
        guard let first = first as? Result else { return result }
        let isLate = repeats.withLock { left in
            left -= 1
            return left >= 0
        }
        return isLate ? first : result
    }

    func close() throws { try store.close() }
}

/// A clock that stands until it is moved.
final class TestTime: Sendable {
    private let time = Mutex(Timestamp.now())

    var now: Timestamp { time.withLock { $0 } }

    func advance(_ seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// How many attempts wait or waited for their turn, and how many are over.
final class CountedAttempts: PushObserver {
    private let counts = Mutex<(begun: Int, over: Int)>((0, 0))

    var begun: Int { counts.withLock { $0.begun } }
    var over: Int { counts.withLock { $0.over } }

    func queued(_ kind: PushTransportKind) { counts.withLock { $0.begun += 1 } }
    func sent(_ kind: PushTransportKind) {}
    func ended(_ kind: PushTransportKind, _ outcome: PushOutcome, seconds: Double) { counts.withLock { $0.over += 1 } }
    func breaker(_ kind: PushTransportKind, from: CircuitBreaker.State, to: CircuitBreaker.State) {}
}

extension OrganisationState {
    /// What a signer of now has seen.
    fileprivate var activitySeen: SeenBoth { SeenBoth(roster: rosterHead.seen, activity: activityHead.seen) }
}
