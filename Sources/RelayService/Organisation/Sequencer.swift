import Logging
import Membership
import RelayAPI
import RelayStorage
import ServiceLifecycle
import Statements

/// The one writer of an organisation. What arrives while a batch is being made durable goes into the next:
/// one transaction, one checkpoint a log. Nobody is answered before the transaction is durable.
actor Sequencer: Service, CustomStringConvertible {
    /// How many submissions go into one transaction.
    private static let batchSize = 256
    /// How many may wait; more are told to come back.
    private static let waitingLimit = 4_096
    /// How long a batch waits for others, where the last one was of several.
    private static let gathering: Duration = .milliseconds(4)

    /// What a submission wants: to write, and then to make its answer under the new checkpoint.
    private struct Pending: Sendable {
        let isRoster: Bool
        /// Writes, or throws a ``Problem`` before the first write; gives what makes the answer.
        let write: @Sendable (inout Batch) throws -> (Batch) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct Outcome: Sendable {
        let state: OrganisationState
        let answers: [@Sendable () -> Void]
        let effects: [StreamEffect]
    }

    nonisolated let organisation: OrganisationID
    nonisolated let keys: OrganisationKeys
    /// The newest durable state.
    nonisolated let published: PublishedState
    nonisolated let clock: BatchClock
    private let store: any RelayStore
    private let hub: StreamHub
    private let onCommit: @Sendable (OrganisationState) -> Void
    private let logger: Logger

    private var state: OrganisationState
    private var waiting: [Pending] = []
    private var isStopped = false
    /// How many submissions the last batch had.
    private var lastCount = 0
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(
        state: OrganisationState, keys: OrganisationKeys, store: any RelayStore, hub: StreamHub, clock: BatchClock,
        logger: Logger, onCommit: @escaping @Sendable (OrganisationState) -> Void
    ) {
        organisation = state.organisation
        self.state = state
        self.keys = keys
        self.store = store
        self.hub = hub
        self.clock = clock
        self.logger = logger
        self.onCommit = onCommit
        published = PublishedState(state)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    nonisolated var description: String { "sequencer" }

    // MARK: Submitting

    /// Runs `write` in the next batch and returns what `answer` makes once the batch is durable.
    /// - Parameters:
    ///   - write: Throws a ``Problem`` before its first write, or writes everything.
    ///   - answer: Runs after signing, before the commit; its result leaves only after the commit.
    /// - Throws: ``Problem``.
    func submit<Written, Answer: Sendable>(
        isRoster: Bool = false, write: @escaping @Sendable (inout Batch) throws -> Written,
        answer: @escaping @Sendable (Written, Batch) throws -> Answer
    ) async throws -> Answer {
        guard !isStopped else { throw Problems.draining }
        guard waiting.count < Self.waitingLimit else { throw Problems.busy }
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(
                Pending(
                    isRoster: isRoster,
                    write: { batch in
                        let written = try write(&batch)
                        return { batch in
                            let result = Result { try answer(written, batch) }
                            return { continuation.resume(with: result) }
                        }
                    },
                    fail: { continuation.resume(throwing: $0) }))
            signal.yield()
        }
    }

    // MARK: Running

    /// Makes batches until the relay drains; what was submitted before is still made durable and answered.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in signals {
                while !waiting.isEmpty {
                    await gather()
                    await makeBatch()
                }
                if isStopped { break }
            }
        } onGracefulShutdown: {
            self.signal.finish()
        }
        isStopped = true
        while !waiting.isEmpty { await makeBatch() }
    }

    /// Under load, lets what comes in the next moment share the transaction: much of its price is the same for one and for
    /// many. One sender alone never waits.
    private func gather() async {
        guard lastCount > 1, waiting.count < Self.batchSize, !isStopped else { return }
        try? await Task.sleep(for: Self.gathering)
    }

    private func makeBatch() async {
        let batch = Array(waiting.prefix(Self.batchSize))
        waiting.removeFirst(batch.count)
        lastCount = batch.count
        let time = clock.beginBatch(after: state.lastTime)
        let now = min(time, clock.wallTime)
        defer { clock.endBatch() }
        let state = state
        let keys = keys
        let hub = hub
        do {
            let outcome = try await store.write { transaction in
                try Self.write(batch, in: transaction, state: state, time: time, now: now, keys: keys, listeners: hub)
            }
            self.state = outcome.state
            published.publish(outcome.state)
            hub.perform(outcome.effects)
            for answer in outcome.answers { answer() }
            onCommit(outcome.state)
        } catch {
            // Nothing of the batch stays. Each submitter may try again: the same bytes give the same result.
            logger.error(
                "a batch was not written", metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
            for pending in batch { pending.fail(Problems.unavailable) }
        }
    }

    private static func write(
        _ pending: [Pending], in transaction: any RelayTransaction, state: OrganisationState, time: Timestamp,
        now: Timestamp, keys: OrganisationKeys, listeners: any Listeners
    ) throws -> Outcome {
        var batch = Batch(transaction: transaction, state: state, time: time, now: now, listeners: listeners)
        var closers: [(Batch) throws -> @Sendable () -> Void] = []
        for isRoster in [true, false] {
            for submission in pending where submission.isRoster == isRoster {
                do {
                    closers.append(try submission.write(&batch))
                } catch let refusal where Problems.isRefusal(refusal) {
                    let problem = Problems.problem(of: refusal)
                    closers.append { _ in { submission.fail(problem) } }
                }
            }
            if isRoster { try batch.closeRoster() }
        }
        try batch.seal(with: keys)
        let answers = try closers.map { try $0(batch) }
        return Outcome(state: batch.state, answers: answers, effects: try batch.provenEffects())
    }
}
