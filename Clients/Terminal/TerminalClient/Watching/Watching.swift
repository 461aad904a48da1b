import DeviceKit
import Membership
import Statements

/// `watch` at work: tells what comes, rings for what nobody has answered, and says that it is alive.
final class Watching {
    private let session: DeviceSession
    private let console: Console
    private let ringer: Ringer
    private var report: WatchReport
    private var shown = ShownMessages()

    init(session: DeviceSession, console: Console, ringer: Ringer, report: WatchReport) {
        self.session = session
        self.console = console
        self.ringer = ringer
        self.report = report
    }

    /// Watches until the task is cancelled.
    func run() async throws {
        report.started()
        defer { report.stopping() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [ringer, profile = session.profile] in await ringer.run(profile) }
            defer { tasks.cancelAll() }
            try showWaiting()
            try await session.watch { try self.hear($0) }
        }
    }

    private func hear(_ event: WatchEvent) throws {
        switch event {
        case .message(let message):
            guard shown.isNew(message) else { return }
            ring(for: message, isReply: InboxCommand.isReply(message, session))
        // What another command on this profile has fetched meanwhile came by no stream.
        case .drained: try showWaiting()
        case .alive: return heartbeat()
        case .stale(let seconds): report.stale(seconds: seconds)
        case .disconnected: report.down(ringing: ringer.waiting)
        case .connected, .progressed, .notice, .unanswered, .joined: break
        }
        WatchLines.show(event, session, console)
    }

    /// What was fetched and that no person has seen: an earlier command may have ended before it could show it.
    private func showWaiting() throws {
        let references = try session.references()
        for message in try session.inbox() {
            // What was read and not answered rings, and is not shown again.
            ring(for: message, isReply: InboxCommand.isReply(references[message.message]))
            guard message.waitsForAPerson, shown.isNew(message) else { continue }
            WatchLines.show(.message(message), session, console)
        }
    }

    private func ring(for message: InboxMessage, isReply: Bool) {
        guard ["waiting", "delivered", "read", "quarantined"].contains(message.state) else { return }
        let policy = session.view.policy
        // A reply says what was done: it rings once, and nobody has to answer it.
        guard !isReply || message.waitsForAPerson else { return }
        let seconds = isReply ? 0 : policy.alerts[message.urgency]?.realertSeconds ?? 0
        ringer.ring(
            RingPlan.Ringing(
                message: message.message, urgency: message.urgency,
                text: policy.pushContent == .alert
                    ? RingText.alert(message.urgency, from: InboxCommand.sender(message, session)) : RingText.constant,
                expires: message.expires, again: seconds > 0 ? .seconds(Int64(clamping: seconds)) : nil))
    }

    private func heartbeat() {
        guard report.isDue() else { return }
        let age = session.present.map { (ContinuousClock.now - $0.received).components.seconds }
        report.alive(headAge: age, ringing: ringer.waiting)
        if console.isJSON {
            let document: JSONValue = [
                "event": "heartbeat", "head_age_seconds": age.map { JSONValue.integer($0) } ?? .null,
                "ringing": .integer(ringer.waiting),
            ]
            console.result(document, human: "")
        }
    }
}

/// The messages that a watcher has shown: each once, and once more when what was not proven is.
private struct ShownMessages {
    private var verdicts: [MessageID: Bool] = [:]

    mutating func isNew(_ message: InboxMessage) -> Bool {
        verdicts.updateValue(message.isVerified, forKey: message.message) != message.isVerified
    }
}
