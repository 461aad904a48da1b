import DeviceKit
import Secrets
import Statements
import Synchronization
import UnlockAgent

/// Listens for a locked profile, and tells its agent when something waits.
final class RingService: AgentServer.Ringing, Sendable {
    /// What is wished: to listen with a ticket, or to be silent; each wish has a number.
    private struct Wishes {
        var number = 0
        var ticket: Ticket?
        var isOver = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private final class Ticket: Sendable {
        let bytes: SecretBytes
        init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
    }

    private let inbox: AgentInbox
    private let wishes = Mutex(Wishes())

    init(_ inbox: AgentInbox) { self.inbox = inbox }

    func listen(_ ticket: consuming SecretBytes) {
        let ticket = Ticket(ticket)
        change { $0.ticket = ticket }
    }

    func stop() { change { $0.ticket = nil } }

    /// Makes ``run()`` return.
    func finish() { change { ($0.ticket, $0.isOver) = (nil, true) } }

    private func change(_ body: (inout Wishes) -> Void) {
        let waiting = wishes.withLock { wishes in
            body(&wishes)
            wishes.number += 1
            defer { wishes.waiting = [] }
            return wishes.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the wish is another one than that of a number.
    private func changed(after number: Int) async {
        await withCheckedContinuation { continuation in
            let isChanged = wishes.withLock { wishes in
                guard wishes.number == number else { return true }
                wishes.waiting.append(continuation)
                return false
            }
            if isChanged { continuation.resume() }
        }
    }

    /// Does what is wished, until ``finish()``.
    func run() async {
        while true {
            let (number, ticket, isOver) = wishes.withLock { ($0.number, $0.ticket, $0.isOver) }
            guard !isOver else { return }
            guard let listener = ticket.flatMap({ RingTicket($0.bytes)?.listener }) else {
                await changed(after: number)
                continue
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in await follow(listener) }
                group.addTask { [self] in await changed(after: number) }
                // A listener that has ended has nothing to listen with any more: the next wish is waited for all the same.
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func follow(_ listener: RingListener) async {
        do {
            try await listener.run { event in
                switch event {
                case .ring(let ring):
                    guard let urgency = ring.urgency else { return }
                    inbox.ring(urgency: UInt8(Urgency.allCases.firstIndex(of: urgency) ?? 0))
                case .connected: inbox.link(.listening)
                case .disconnected: inbox.link(.down)
                case .over: inbox.link(.over)
                case .alive, .stale: break
                }
            }
        } catch {
            if !Task.isCancelled { inbox.link(.over) }
        }
    }
}
