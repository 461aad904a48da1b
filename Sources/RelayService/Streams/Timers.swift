import Logging
import RelayAPI
import RelayStorage
import ServiceLifecycle
import Statements

/// Gives every open stream its sign of life.
struct StreamTicker: Service, CustomStringConvertible {
    let organisations: Organisations

    var description: String { "stream ticker" }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(StreamEvent.keepAliveSeconds))
                for running in organisations.all { running.hub.tickAll() }
            }
        }
        // A stream does not end by itself: without this, a drain would wait for its clients.
        for running in organisations.all { running.hub.endAll(Problems.draining) }
    }
}

/// Looks every few seconds for messages whose time ran out unanswered.
struct ExpiryTimer: Service, CustomStringConvertible {
    private static let seconds: Int64 = 2

    let organisations: Organisations
    let store: any RelayStore
    let logger: Logger
    let onUnanswered: @Sendable (Int) -> Void

    var description: String { "expiry timer" }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(Self.seconds))
                for running in organisations.all { await look(running) }
            }
        }
    }

    private func look(_ running: Organisations.Running) async {
        let organisation = running.sequencer.organisation
        do {
            guard let next = try await store.read({ try $0.nextExpiry(of: organisation) }),
                next <= running.sequencer.clock.wallTime
            else { return }
            let messages = try await running.sequencer.submit { batch in
                try Expiry.write(to: &batch)
            } answer: { messages, _ in
                messages
            }
            onUnanswered(messages.count)
            logger.warning(
                "messages expired without an answer; their senders are told",
                metadata: ["nb.expiry.count": "\(messages.count)"])
        } catch {
            logger.error(
                "the expiry of messages could not be looked at",
                metadata: ["nb.error.code": "\(Problems.logCode(of: error))"])
        }
    }
}
