import DeviceKit
import Dispatch
import Statements
import Synchronization

/// Rings for messages that nobody has answered: at once, by the policy again, and no longer than two seconds after an answer,
/// whichever program of this profile or device of this member gave it.
///
/// A task of its own beside the one that receives: neither waits for the other.
final class Ringer: Sendable {
    /// How it rings.
    struct Means: Sendable {
        /// Rings the terminal's bell; `nil` without a terminal.
        var bell: (@Sendable () -> Void)?
        var notifies = true
        var desktop = Desktop.session
        /// Tells the supervisor what the desktop shows; `nil` when there is none.
        var tell: (@Sendable (WorkerWord) -> Bool)?
        var program: RingProgram?
        /// What went wrong with one of these: told, and never a reason to stop.
        var trouble: @Sendable (String) -> Void = { _ in }
    }

    private let means: Means
    private let runner: RingRunner?
    private let arrivals: AsyncStream<(RingPlan.Ringing, RingQueue.Event)>
    private let arrival: AsyncStream<(RingPlan.Ringing, RingQueue.Event)>.Continuation
    private let plan = Mutex(RingPlan())
    /// The desktop may take its time: one after the other, and nothing else waits for it.
    private let queue = DispatchQueue(label: "nightbell.notifications")
    private let notifications: MessageNotifications
    private let isMissingTold = Mutex(false)

    init(_ means: Means) {
        self.means = means
        notifications = MessageNotifications(means.desktop, tell: means.tell)
        runner = means.program.map { RingRunner($0, trouble: means.trouble) }
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// How many messages ring.
    var waiting: Int { plan.withLock { $0.waiting.count } }

    /// A message that nobody has answered.
    func ring(_ ringing: RingPlan.Ringing) {
        if plan.withLock({ $0.add(ringing, now: .now, wall: .now()) }) { arrival.yield((ringing, .ring)) }
    }

    /// A message that somebody took up is not closed.
    func remind(_ ringing: RingPlan.Ringing) { arrival.yield((ringing, .again)) }

    /// It is closed, or in other hands.
    func settled(_ ringing: RingPlan.Ringing) { end(ringing) }

    /// Rings until the task is cancelled.
    func run(_ profile: Profile) async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.follow(profile) }
            // In their order: what was answered must not ring after that.
            for await (ringing, event) in arrivals {
                let run = RingQueue.Run(event: event, urgency: ringing.urgency, message: ringing.message)
                if let runner, let start = runner.add(run) { tasks.addTask { await runner.run(start) } }
                if event == .answered { hush(ringing.message) } else { show(ringing) }
            }
        }
    }

    /// Looks at every step of any program of the profile, and every second.
    private func follow(_ profile: Profile) async {
        guard let changes = try? ProfileChanges(profile.directory) else {
            return means.trouble("the profile's folder cannot be followed: what rings does not stop by itself")
        }
        for await _ in changes.signals {
            for message in plan.withLock({ $0.waiting }) where (try? profile.isAnswered(message)) ?? false {
                if let ringing = plan.withLock({ $0.answered(message) }) { end(ringing) }
            }
            let (again, over) = plan.withLock { $0.due(now: .now, wall: .now()) }
            over.forEach(end)
            for ringing in again { arrival.yield((ringing, .again)) }
        }
    }

    private func end(_ ringing: RingPlan.Ringing) { arrival.yield((ringing, .answered)) }

    private func show(_ ringing: RingPlan.Ringing) {
        means.bell?()
        guard means.notifies else { return }
        queue.async {
            let isMissing = !self.notifications.show(ringing)
            let isNews = self.isMissingTold.withLock { told in
                defer { told = isMissing }
                return isMissing && !told
            }
            if isNews {
                self.means.trouble("no desktop shows notifications here: look at this window, or use --command")
            }
        }
    }

    private func hush(_ message: MessageID) { queue.async { self.notifications.close(message) } }
}
