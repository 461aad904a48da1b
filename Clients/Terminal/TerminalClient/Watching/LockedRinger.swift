import Dispatch
import Synchronization

/// Rings for a locked profile, in the process that never held its keys: constant text, no message, no name. Takes away what
/// its worker has shown on the desktop when that one has ended, however it did.
///
/// The program of `--command` does not run: of a locked profile's messages no id is known.
final class LockedRinger: Sendable {
    private struct Shown {
        /// The worker's, by number: whether it stays until it is dismissed.
        var workers: [UInt32: Bool] = [:]
        /// The part of a word that has come.
        var beginning: [UInt8] = []
        /// That of this process; 0: none.
        var own: UInt32 = 0
    }

    /// As many as a worker may have told of.
    private static let longest = 10_000
    /// 5 s: how long the end of the program waits for the desktop.
    private static let endSeconds = 5

    private let means: Ringer.Means
    private let shown = Mutex(Shown())
    /// The desktop may take its time: one after the other, and nothing else waits for it.
    private let queue = DispatchQueue(label: "nightbell.locked-notifications")

    init(_ means: Ringer.Means) { self.means = means }

    /// What a worker told (``ShownWord``), in whatever pieces it came.
    func heard(_ bytes: [UInt8]) {
        shown.withLock { shown in
            var rest = (shown.beginning + bytes)[...]
            while rest.count >= ShownWord.byteCount {
                guard let word = ShownWord(rest.prefix(ShownWord.byteCount)) else { return }
                rest = rest.dropFirst(ShownWord.byteCount)
                if word.kind == .gone {
                    shown.workers[word.number] = nil
                } else if shown.workers.count < Self.longest {
                    shown.workers[word.number] = word.kind == .critical
                }
            }
            shown.beginning = Array(rest)
        }
    }

    /// The worker has ended: what it has shown goes, and one notification without a name says that something waits.
    func workerEnded() {
        let numbers = shown.withLock { shown in
            defer { (shown.workers, shown.beginning) = ([:], []) }
            return shown.workers
        }
        guard let first = numbers.keys.min() else { return }
        show(isCritical: numbers.values.contains(true), replacing: first)
        queue.async { [means] in for number in numbers.keys where number != first { means.desktop.close(number) } }
    }

    /// - Parameter urgency: 0 is the most urgent; `nil` when nothing waits any more.
    func ring(_ urgency: UInt8?) {
        guard let urgency else { return hush() }
        means.bell?()
        if means.notifies { show(isCritical: urgency <= 1, replacing: nil) }
    }

    /// Nothing waits any more, or a worker rings again for what does.
    func hush() {
        queue.async { [self] in
            let number = shown.withLock { shown in
                defer { shown.own = 0 }
                return shown.own
            }
            if number != 0 { means.desktop.close(number) }
        }
    }

    /// Waits until the desktop has heard all, for a while.
    func finish() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .seconds(Self.endSeconds))
    }

    private func show(isCritical: Bool, replacing other: UInt32?) {
        queue.async { [self] in
            let earlier = other ?? shown.withLock { $0.own }
            let number = means.desktop.show(RingText.constant, isCritical, earlier)
            if let other, number != other { means.desktop.close(other) }
            shown.withLock { $0.own = number ?? 0 }
        }
    }
}
