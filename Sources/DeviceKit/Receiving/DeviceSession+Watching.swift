import DeviceStorage
import RelayAPI
import Statements
import TransparencyLog

/// What a watcher hears.
public enum WatchEvent: Sendable {
    /// The stream is open.
    case connected
    /// The backlog is through.
    case drained
    /// A message was taken in, receipted and proven (or waits for its proof).
    case message(InboxMessage)
    /// A verified notice on one of our own messages.
    case notice(SentState)
    /// The link is down; how long until it is tried again.
    case disconnected(DeviceKitError, retryInMilliseconds: Int64)
}

extension DeviceSession {
    private static let firstRetryMilliseconds: Int64 = 500
    private static let lastRetryMilliseconds: Int64 = 30_000

    /// Follows the stream until the task is cancelled: receives, receipts, reconnects. Never ends on a finding.
    /// - Throws: ``DeviceKitError`` only when this device is revoked or must be updated; `CancellationError`.
    public func watch(_ hear: (WatchEvent) throws -> Void) async throws {
        var retry = Self.firstRetryMilliseconds
        while true {
            try Task.checkCancellation()
            do {
                try checkNotRevoked()
                try await follow(hear) { retry = Self.firstRetryMilliseconds }
                try await pause(
                    &retry, hear,
                    DeviceKitError(
                        "stream_ended", .unreachable, "the relay ended the stream", next: "wait: it is opened again"))
            } catch let error as CancellationError {
                throw error
            } catch {
                let cause =
                    (error as? RelayRefusal).map { learn(from: $0.problem) } ?? DeviceKitError(describing: error)
                guard !["revoked", "update_needed"].contains(cause.code.rawValue) else { throw cause }
                try await pause(&retry, hear, cause)
            }
        }
    }

    private func pause(
        _ retry: inout Int64, _ hear: (WatchEvent) throws -> Void, _ cause: DeviceKitError
    ) async throws {
        // Half of it at random, so that a relay that comes back is not met by everyone at once.
        let wait = retry / 2 + Int64.random(in: 0...(retry / 2))
        try hear(.disconnected(cause, retryInMilliseconds: wait))
        retry = min(retry * 2, Self.lastRetryMilliseconds)
        try await Task.sleep(for: .milliseconds(wait))
    }

    private func follow(_ hear: (WatchEvent) throws -> Void, connected: () -> Void) async throws {
        try await postReceiptsOrRemark()
        _ = try await takeMissing { try await self.takeStreamed($0, hear) }
        let position = try profile.store.look { try $0.queuePosition() }.number
        let known = checkpoints
        var stream = try await connection.stream(
            .get(
                APIPath.stream,
                query: knownSizes, lastEventID: "\(position)"), signer: signer)
        try hear(.connected)
        var heldBack = false
        var given = position
        var promised = position
        var signsOfLife = 0
        while let event = try await stream.next() {
            try Task.checkCancellation()
            switch StreamEvent(rawValue: event.name) {
            case .item:
                guard let item = try? APIJSON.decode(QueueItem.self, from: event.data) else { throw Self.unreadable() }
                try passOverGap(before: item.number, after: given, nil)
                if item.number <= Self.largestItemNumber { given = max(given, item.number) }
                if try await takeStreamed(item, hear) == .heldBack { heldBack = true }
            case .head:
                guard let answer = try? APIJSON.decode(HeadAnswer.self, from: event.data) else {
                    throw Self.unreadable()
                }
                guard let device = try await absorbPresent(answer, askedWith: known) else { continue }
                promised = max(promised, device.lastNumber)
                // What is missing is asked for when the next stream opens.
                if !heldBack, try checkQueue(device, before: given == position ? position : 0) { return }
            case .drained:
                try await maintainPrekeys()
                if !heldBack { connected() }
                try hear(.drained)
            case .prekeys:
                try await refresh()
                try await maintainPrekeys()
            case .end:
                guard let problem = try? APIJSON.decode(Problem.self, from: event.data) else { throw Self.unreadable() }
                throw RelayRefusal(problem: problem)
            case .keepAlive:
                // What was held back is asked for again on a new stream, later each time.
                if heldBack { return }
                // The items of an older head were on their way before this sign of life.
                try passOverGap(before: promised + 1, after: given, nil)
                given = max(given, promised)
                // After 10, 20, 40 s, and so on up to every ten minutes.
                signsOfLife += 1
                if signsOfLife & (signsOfLife - 1) == 0 || signsOfLife.isMultiple(of: 64) {
                    _ = try await takeMissing { try await self.takeStreamed($0, hear) }
                }
            case nil: continue
            }
        }
    }

    private func takeStreamed(
        _ item: QueueItem, _ hear: (WatchEvent) throws -> Void
    ) async throws -> ItemOutcome {
        let outcome = try await take(item)
        try await postReceiptsOrRemark()
        guard let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            let statement = try? ActivityStatement(parsing: entry.body), let message = statement.message
        else { return outcome }
        switch statement {
        case .manifest:
            if try profile.store.look({ try $0.isStored(message: message.description) }) {
                try hear(.message(try inboxMessage(message.description)))
            }
        case .receipt, .event:
            if outcome == .taken, let state = try? sentState(message.description) { try hear(.notice(state)) }
        }
        return outcome
    }

    private static func unreadable() -> DeviceKitError {
        DeviceKitError(
            "stream_unreadable", .verification, "an event of the stream is not of the documented form",
            next: "check that client and relay are of one version")
    }
}
