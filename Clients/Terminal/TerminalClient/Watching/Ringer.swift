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
    /// Rings because this device receives nothing, by a fault that does not pass by itself: since when, or when it last rang.
    private let blocked = Mutex<(rang: ContinuousClock.Instant?, shown: UInt32)>((nil, 0))
    private let blockedRuns: LockedRuns?
    /// 5 min until it rings for that again.
    private static let blockedPause = Duration.seconds(300)

    init(_ means: Means) {
        self.means = means
        notifications = MessageNotifications(means.desktop, tell: means.tell)
        runner = means.program.map { RingRunner($0, tell: means.tell ?? { _ in true }, trouble: means.trouble) }
        blockedRuns = means.program.map { LockedRuns($0, trouble: means.trouble) }
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// This device can take nothing in (a full disk, a damaged store): what comes is not known here, and may be emergent.
    func receivesNothing(at now: ContinuousClock.Instant = .now) {
        let isDue = blocked.withLock { blocked in
            if let rang = blocked.rang, now - rang < Self.blockedPause { return false }
            blocked.rang = now
            return true
        }
        guard isDue else { return }
        means.bell?()
        blockedRuns?.ring(.emergent)
        guard means.notifies else { return }
        queue.async { [self] in
            let earlier = blocked.withLock { $0.shown }
            let number = means.desktop.show(RingText.blocked, true, earlier)
            blocked.withLock { $0.shown = number ?? 0 }
        }
    }

    /// It can again.
    func receivesAgain() {
        guard blocked.withLock({ $0.rang.take() }) != nil else { return }
        blockedRuns?.quiet(waits: false)
        queue.async { [self] in
            let shown = blocked.withLock { blocked in
                defer { blocked.shown = 0 }
                return blocked.shown
            }
            if shown != 0 { means.desktop.close(shown) }
        }
    }

    /// How many messages ring.
    var waiting: Int { plan.withLock { $0.waiting.count } }

    /// A message that nobody has answered.
    func ring(_ ringing: RingPlan.Ringing) {
        if plan.withLock({ $0.add(ringing, now: .now, wall: .now()) }) { arrival.yield((ringing, .ring)) }
    }

    /// What only a page told of is not confirmed.
    /// - Returns: What rang; `nil` when it is known by more than that.
    func withdraw(_ message: MessageID) -> RingPlan.Ringing? {
        guard let ringing = plan.withLock({ $0.withdraw(message) }) else { return nil }
        arrival.yield((ringing, .quiet))
        return ringing
    }

    /// A message that somebody took up is not closed.
    func remind(_ ringing: RingPlan.Ringing) { arrival.yield((ringing, .again)) }

    /// A message that was handed on from here in vain: it is this person's again. Or one that was sent from here, and that they must
    /// telephone about.
    func ringAnew(_ ringing: RingPlan.Ringing) {
        if plan.withLock({ $0.reopen(ringing, now: .now, wall: .now()) }) { arrival.yield((ringing, .ring)) }
    }

    /// It rings no more, or is not brought up again.
    /// - Parameter event: Why.
    func settled(_ ringing: RingPlan.Ringing, _ event: RingQueue.Event) {
        plan.withLock { _ = $0.answered(ringing.message) }
        arrival.yield((ringing, event))
    }

    /// Rings until the task is cancelled.
    func run(_ profile: Profile) async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.follow(profile) }
            tasks.addTask { await self.blockedRuns?.run() }
            // In their order: what was answered must not ring after that.
            for await (ringing, event) in arrivals {
                let run = RingQueue.Run(
                    event: event, urgency: ringing.urgency, message: ringing.message, needsAnswer: ringing.needsAnswer)
                if let runner, let start = runner.add(run) { tasks.addTask { await runner.run(start) } }
                if event.isEnd { hush(ringing.message) } else { show(ringing) }
            }
        }
    }

    /// Looks at every step of any program of the profile, and every second.
    private func follow(_ profile: Profile) async {
        guard let changes = try? ProfileChanges(profile.directory) else {
            return means.trouble("the profile's folder cannot be followed: what rings does not stop by itself")
        }
        // What rings, as whoever outlives this process was told: what came here, and what was sent or handed on in vain.
        var told: [WorkerWord?] = [nil, nil]
        for await _ in changes.signals {
            for message in plan.withLock({ $0.waiting }) {
                guard let standing = try? profile.answerStanding(of: message),
                    let end = plan.withLock({ $0.settle(message, standing) })
                else { continue }
                arrival.yield(end)
            }
            for next in plan.withLock({ $0.due(now: .now, wall: .now()) }) { arrival.yield(next) }
            let words = plan.withLock { plan in
                [WorkerWord(.waits, plan.urgencies), WorkerWord(.inVain, plan.urgenciesInVain)]
            }
            for (place, word) in words.enumerated() where word != told[place] {
                if means.tell?(word) ?? true { told[place] = word }
            }
        }
    }

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
                self.means.trouble(RingText.noDesktop(hasCommand: self.runner != nil))
            }
        }
    }

    /// Waits until the desktop has heard all.
    func finishShowing() { queue.sync {} }

    private func hush(_ message: MessageID) { queue.async { self.notifications.close(message) } }
}
