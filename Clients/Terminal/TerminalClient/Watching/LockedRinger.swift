import Dispatch
import Statements
import Synchronization

/// Rings for a locked profile, in the process that never held its keys: constant text, no message, no name. Takes away what
/// its worker has shown on the desktop when that one has ended, however it did.
final class LockedRinger: Sendable {
    private struct Shown {
        /// The worker's, by number: whether it stays until it is dismissed.
        var workers: [UInt32: Bool] = [:]
        /// That of this process; 0: none.
        var own: UInt32 = 0
        /// Whether it rings for what was sent from here.
        var isOverdue = false
    }

    /// As many as a worker may have told of.
    private static let longest = 10_000
    /// 5 s: how long the end of the program waits for the desktop.
    private static let endSeconds = 5

    private let means: Ringer.Means
    private let runs: LockedRuns?
    private let shown = Mutex(Shown())
    /// The desktop may take its time: one after the other, and nothing else waits for it.
    private let queue = DispatchQueue(label: "nightbell.locked-notifications")

    init(_ means: Ringer.Means) {
        self.means = means
        runs = means.program.map { LockedRuns($0, trouble: means.trouble) }
    }

    /// What a worker told of the desktop.
    func heard(_ word: WorkerWord) {
        shown.withLock { shown in
            switch word.kind {
            case .gone: shown.workers[word.number] = nil
            case .shown, .critical:
                if shown.workers.count < Self.longest { shown.workers[word.number] = word.kind == .critical }
            case .deadlines, .deadline, .promise, .inVain, .locking, .writing, .alive, .runs, .ran, .waits, .unsent:
                break
            }
        }
    }

    /// The worker has ended: what it has shown goes, and one notification without a name says that something waits.
    func workerEnded() {
        let numbers = shown.withLock { shown in
            defer { shown.workers = [:] }
            return shown.workers
        }
        guard let first = numbers.keys.min() else { return }
        show(RingText.constant, isCritical: numbers.values.contains(true), replacing: first)
        queue.async { [means] in for number in numbers.keys where number != first { means.desktop.close(number) } }
    }

    /// - Parameter urgency: 0 is the most urgent; `nil` when nothing waits any more.
    func ring(_ urgency: UInt8?) {
        guard let urgency else {
            // That no message waits here says nothing of those that were sent from here.
            guard !shown.withLock({ $0.isOverdue }) else { return }
            runs?.quiet(waits: false)
            return hush()
        }
        means.bell?()
        runs?.ring(LockedWords.urgency(urgency))
        if means.notifies { show(RingText.constant, isCritical: urgency <= 1, replacing: nil) }
    }

    /// A page came, of which nobody can tell anything here.
    func ringPage() {
        means.bell?()
        runs?.ring(.emergent)
        if means.notifies { show(RingText.page, isCritical: true, replacing: nil) }
    }

    /// Messages that were sent from here have no answer that is known, or calls were promised from here, and their time is over.
    func ringOverdue(_ overdue: LockedDeadlines.Overdue) {
        shown.withLock { $0.isOverdue = true }
        means.bell?()
        runs?.ring(overdue.mostUrgent)
        let text = overdue.messages > 0 ? RingText.overdue : RingText.promised
        if means.notifies { show(text, isCritical: true, replacing: nil) }
    }

    /// A worker rings again for what waits: the program hears of this before it hears of that.
    func unlocked() {
        shown.withLock { $0.isOverdue = false }
        runs?.quiet(waits: true)
        hush()
    }

    private func hush() {
        queue.async { [self] in
            let number = shown.withLock { shown in
                defer { shown.own = 0 }
                return shown.own
            }
            if number != 0 { means.desktop.close(number) }
        }
    }

    /// Runs the program of `--command` for what rings, until the task is cancelled.
    func run() async { await runs?.run() }

    /// Waits until the desktop has heard all, for a while.
    func finish() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .seconds(Self.endSeconds))
    }

    private func show(_ text: String, isCritical: Bool, replacing other: UInt32?) {
        queue.async { [self] in
            let earlier = other ?? shown.withLock { $0.own }
            let number = means.desktop.show(text, isCritical, earlier)
            if let other, number != other { means.desktop.close(other) }
            shown.withLock { $0.own = number ?? 0 }
        }
    }
}
