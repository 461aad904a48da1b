import Logging
import Membership
import PushDelivery
import RelayStorage
import ServiceLifecycle
import Statements
import Synchronization

/// Pushes what is due and notes what became of it. All that it knows is in the store: after a restart it goes on where it was,
/// and an attempt whose end was not noted is made again.
final class PageOutbox: Service, CustomStringConvertible {
    /// What is counted beside the dispatcher's own numbers.
    struct Counts: Sendable {
        /// A subscription was dropped.
        var dropped: @Sendable (PushTransportKind) -> Void = { _ in }
        /// So many jobs are due or on their way.
        var waiting: @Sendable (Int) -> Void = { _ in }
    }

    private struct Key: Hashable {
        let organisation: OrganisationID
        let message: MessageID
        let device: DeviceID
        let subscription: SubscriptionID
    }

    private struct State {
        /// What ends an attempt that is on its way or waits for its turn.
        var onTheWay: [Key: AsyncStream<Never>.Continuation] = [:]
        /// When the outbox wakes by itself.
        var alarm: Timestamp?
    }

    /// How many attempts wait for their turn or are on their way. Each holds a page; what is beyond waits in the store.
    private static let limit = 8_192
    /// How many more are looked up at once.
    private static let pieceSize = 512
    /// 60 s: no sleep is longer, for a clock may be set.
    private static let longestSleep: Int64 = 60_000
    /// 5 s: how soon a job is looked at again that storage could not note.
    private static let trouble: Int64 = 5
    /// 60 s: how soon a job is looked at again that cannot go out for now: its member is suspended and may be reinstated, or its
    /// address does not open and the key may come back.
    private static let standstill: Int64 = 60
    /// 10 min: how soon a job is looked at again for whose transport this relay has nothing.
    private static let noTransport: Int64 = 600

    private let organisations: Organisations
    private let store: any RelayStore
    private let dispatcher: PushDispatcher
    private let key: PushKey
    private let counts: Counts
    private let logger: Logger
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        organisations: Organisations, store: any RelayStore, dispatcher: PushDispatcher, key: PushKey,
        counts: Counts = Counts(), logger: Logger, clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.organisations = organisations
        self.store = store
        self.dispatcher = dispatcher
        self.key = key
        self.counts = counts
        self.logger = logger
        self.clock = clock
    }

    var description: String { "page outbox" }

    func run() async throws {
        // What was left to streams: none is open at the start.
        let now = clock()
        try? await store.write { try $0.hastenUntriedPushJobs(at: now) }
        let bell = organisations.pages
        let signals = bell.listen()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await _ in signals {
                    for over in bell.takeCancelled() { cancel(over) }
                    await startDue(&group)
                }
                // What is on its way is given up: it goes out again after the restart.
                group.cancelAll()
            }
        } onGracefulShutdown: {
            bell.end()
        }
    }

    // MARK: Starting

    private func startDue(_ group: inout DiscardingTaskGroup) async {
        let now = clock()
        let onTheWay = state.withLock { $0.onTheWay.count }
        let limit = onTheWay + Self.pieceSize
        do {
            let (due, next) = try await store.read { reader in
                (try reader.duePushJobs(at: now, limit: limit), try reader.nextPushJob(after: now))
            }
            for (organisation, job) in due { start(job, of: organisation, &group) }
            counts.waiting(due.count)
            if due.count == limit, state.withLock({ $0.onTheWay.count }) < Self.limit { organisations.pages.ring() }
            if let next { wake(at: next, now: now, &group) }
        } catch {
            logger.error(
                "the outbox of pages could not be read", metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
            wake(at: now.adding(seconds: Self.trouble), now: now, &group)
        }
    }

    private func start(_ job: StoredPushJob, of organisation: OrganisationID, _ group: inout DiscardingTaskGroup) {
        let key = Key(
            organisation: organisation, message: job.message, device: job.device, subscription: job.subscription)
        let cancelled = state.withLock { state -> AsyncStream<Never>? in
            guard state.onTheWay[key] == nil, state.onTheWay.count < Self.limit else { return nil }
            let (cancelled, cancel) = AsyncStream<Never>.makeStream()
            state.onTheWay[key] = cancel
            return cancelled
        }
        guard let cancelled else { return }
        group.addTask {
            await withTaskGroup { race in
                race.addTask { await self.push(job, of: organisation) }
                race.addTask { for await _ in cancelled {} }
                await race.next()
                race.cancelAll()
            }
            _ = self.state.withLock { $0.onTheWay.removeValue(forKey: key) }
            self.organisations.pages.ring()
        }
    }

    /// Rings the bell when the next job is due, unless it rings before that.
    private func wake(at time: Timestamp, now: Timestamp, _ group: inout DiscardingTaskGroup) {
        let isNew = state.withLock { state in
            if let alarm = state.alarm, alarm <= time { return false }
            state.alarm = time
            return true
        }
        guard isNew else { return }
        let sleep = min(max(0, time.milliseconds - now.milliseconds), Self.longestSleep)
        group.addTask {
            try? await Task.sleep(for: .milliseconds(sleep))
            self.state.withLock { if $0.alarm == time { $0.alarm = nil } }
            self.organisations.pages.ring()
        }
    }

    // MARK: Cancelling

    private func cancel(_ over: PageBell.Over) {
        let attempts = state.withLock { state in
            state.onTheWay.filter { key, _ in
                switch over {
                case .message(let message): key.message == message
                case .device(let device): key.device == device
                }
            }
        }
        for (_, cancel) in attempts { cancel.finish() }
    }

    // MARK: Pushing

    private func push(_ job: StoredPushJob, of organisation: OrganisationID) async {
        do {
            guard let running = organisations[organisation] else { throw StorageError(.broken, part: "organisation") }
            guard let (page, address) = try await page(of: job, in: running) else { return }
            let sent = PushPage(
                body: page.body, urgency: job.urgency, expires: job.expires, now: clock(),
                tag: key.tag(job.message, to: job.device))
            let outcome = await dispatcher.push(sent, to: address, of: job.device.description)
            try await note(outcome, of: job, page.subscription, in: running)
        } catch {
            // Given up while it was read for: nothing went out.
            guard !Task.isCancelled else { return }
            logger.error(
                "what became of a page could not be noted; it goes out again",
                metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
            // Without this, a store that cannot be written to would be asked again at once, and the page sent again.
            try? await Task.sleep(for: .seconds(Self.trouble))
        }
    }

    /// What goes out, and where; `nil` when nothing does now: then the job is gone, too, or its time has yet to come.
    private func page(
        of job: StoredPushJob, in running: Organisations.Running
    ) async throws -> (DuePage, PushAddress)? {
        let organisation = running.sequencer.organisation
        let now = clock()
        let isLive = running.sequencer.published.current.view(at: now).liveDevice(job.device) != nil
        let (isDue, page) = try await store.read { reader -> (Bool, DuePage?) in
            let jobs = try reader.pushJobs(of: job.message, to: job.device, of: organisation)
            // It may have been looked up while an attempt was on its way that is noted and over by now.
            guard let current = jobs.first(where: { $0.subscription == job.subscription }),
                current.attempts == job.attempts, current.due <= now
            else { return (false, nil) }
            guard now < job.expires else { return (true, nil) }
            return (true, try PageBuilder.page(of: job, reader: reader, organisation: organisation))
        }
        guard isDue else { return nil }
        // A revoked device's jobs are gone: this one's member is suspended.
        guard isLive || page == nil else {
            try await postpone(job, by: Self.standstill, of: organisation)
            return nil
        }
        guard let page else {
            try await store.write { try $0.removePushJob(job, of: organisation) }
            return nil
        }
        guard let address = key.address(of: page.subscription, of: organisation) else {
            // Nothing is dropped for that: the key may come back from a copy.
            logger.error(
                """
                an address that pages go to does not open with keys/push.key: put the copy of that file back which this relay \
                had when the address was registered; else its device must register anew
                """)
            try await noteFailing(page.subscription, of: organisation)
            try await postpone(job, by: Self.standstill, of: organisation)
            return nil
        }
        return (page, address)
    }

    /// The device shall see that nothing comes that way.
    private func noteFailing(_ subscription: StoredSubscription, of organisation: OrganisationID) async throws {
        let now = clock()
        try await store.write { transaction in
            let known = try transaction.subscription(subscription.id, of: subscription.device, of: organisation)
            guard var stored = known, stored.failingSince == nil, stored.dropped == nil else { return }
            stored.failingSince = now
            try transaction.storeSubscription(stored, of: organisation)
        }
    }

    private func note(
        _ outcome: PushOutcome, of job: StoredPushJob, _ subscription: StoredSubscription,
        in running: Organisations.Running
    ) async throws {
        guard PageResult.isAttempt(outcome) else {
            if case .later(.leftAlone, _) = outcome {
                try await noteFailing(subscription, of: running.sequencer.organisation)
            }
            return try await postpone(job, outcome, of: running.sequencer.organisation)
        }
        let isDropped = try await running.sequencer.submit { batch in
            try PageResult(job: job, subscription: subscription, outcome: outcome).write(to: &batch)
        } answer: { isDropped, _ in
            isDropped
        }
        if isDropped { counts.dropped(PushTransportKind(subscription.transport)) }
    }

    /// Nothing was tried: the service is left alone for a while, or its turn was given up.
    private func postpone(
        _ job: StoredPushJob, _ outcome: PushOutcome, of organisation: OrganisationID
    ) async throws {
        switch outcome {
        case .later(.cancelled, _): return
        case .later(.noTransport, _): try await postpone(job, by: Self.noTransport, of: organisation)
        case .later(_, let after?): try await postpone(job, by: Int64(max(1, after)), of: organisation)
        default: try await postpone(job, by: Self.trouble, of: organisation)
        }
    }

    private func postpone(_ job: StoredPushJob, by seconds: Int64, of organisation: OrganisationID) async throws {
        var later = job
        later.due = clock().adding(seconds: seconds)
        let job = later
        try await store.write { try $0.updatePushJob(job, of: organisation) }
    }
}
