import DeviceKit
import Foundation
import Statements
import Synchronization

/// Listens with a ring token in this process, and is asked what it heard.
final class RingEar: Sendable {
    private let events = Mutex<[RingEvent]>([])
    private let heard: AsyncStream<Void>
    private let hear: AsyncStream<Void>.Continuation

    private init() { (heard, hear) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Runs `body` while a listener runs.
    static func listening(
        _ token: RingToken, at relay: RelayUnderTest, _ body: (RingEar) async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(OwnThreads.shared) { try await listeningHere(token, at: relay, body) }
    }

    private static func listeningHere(
        _ token: RingToken, at relay: RelayUnderTest, _ body: (RingEar) async throws -> Void
    ) async throws {
        let ear = RingEar()
        let listener = RingListener(address: relay.address, certificateAuthority: relay.authority, token: token)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await listener.run { event in
                    ear.events.withLock { $0.append(event) }
                    ear.hear.yield()
                }
            }
            defer { tasks.cancelAll() }
            try await body(ear)
        }
    }

    var all: [RingEvent] { events.withLock { $0 } }

    var rings: [RingEvent.Ring] {
        all.compactMap { event in
            if case .ring(let ring) = event { return ring }
            return nil
        }
    }

    /// Why the link was down, each time.
    var causes: [String] {
        all.compactMap { event in
            if case .disconnected(let cause, _) = event { return cause.code.rawValue }
            return nil
        }
    }

    /// How often anything came over the link: a word, or what says every ten seconds that the link lives.
    var signsOfLife: Int { all.count { if case .alive = $0 { true } else { false } } }

    /// Waits until it heard what the condition asks for.
    func wait(
        _ what: String, seconds: Double = Programs.patienceSeconds, until condition: (RingEar) -> Bool
    ) async throws {
        let late = Mutex(false)
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [hear] in
            late.withLock { $0 = true }
            hear.yield()
        }
        var signals = heard.makeAsyncIterator()
        while !condition(self) {
            guard !late.withLock({ $0 }) else { throw PreparationFailed("no \(what): \(all)") }
            await signals.next()
        }
    }
}
