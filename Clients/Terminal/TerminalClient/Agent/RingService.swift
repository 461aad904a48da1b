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

    /// What is rung for again while one ticket is listened with.
    private final class Again: Sendable {
        let state: Mutex<RingRepeat>
        init(_ realertSeconds: [Urgency: UInt64]) { state = Mutex(RingRepeat(realertSeconds: realertSeconds)) }
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
            guard let ticket = ticket.flatMap({ RingTicket($0.bytes) }) else {
                await changed(after: number)
                continue
            }
            let listener = ticket.listener
            await withTaskGroup(of: Void.self) { group in
                let again = Again(ticket.realertSeconds)
                group.addTask { [self, listener] in await follow(listener, again) }
                group.addTask { [self] in await remind(again) }
                group.addTask { [self] in await changed(after: number) }
                // A listener that has ended has nothing to listen with any more: the next wish is waited for all the same.
                await group.next()
                group.cancelAll()
            }
        }
    }

    /// Rings again for what waits.
    private func remind(_ again: Again) async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            if let urgency = again.state.withLock({ $0.look(at: .now) }) { ring(urgency) }
        }
    }

    private func ring(_ urgency: Urgency?) {
        inbox.ring(urgency: urgency.flatMap { Urgency.allCases.firstIndex(of: $0) }.map { UInt8($0) })
    }

    private func follow(_ listener: RingListener, _ again: Again) async {
        do {
            try await listener.run { event in
                switch event {
                case .ring(let word):
                    again.state.withLock { $0.heard(word.urgency, at: .now) }
                    ring(word.urgency)
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
