import Dispatch
import Statements
import Synchronization

/// Runs the program of `--command` while the profile is locked, or receives nothing, for a process whose thread waits for other
/// things: without an id and a name, for none is known there.
final class LockedRuns: Sendable {
    /// 2 s: how long whoever must wait for the program waits.
    private static let patience = 2.0

    private let runner: RingRunner
    private let runs: AsyncStream<(RingQueue.Run, DispatchSemaphore)>
    private let wish: AsyncStream<(RingQueue.Run, DispatchSemaphore)>.Continuation
    /// What it was run for last; `nil` while nothing rings.
    private let rung = Mutex<Urgency?>(nil)

    init(_ program: RingProgram, trouble: @escaping @Sendable (String) -> Void) {
        runner = RingRunner(program, trouble: trouble)
        (runs, wish) = AsyncStream.makeStream()
    }

    /// Something rings: a second message of the same urgency cannot be told from the first.
    func ring(_ urgency: Urgency) {
        let event: RingQueue.Event = rung.withLock { rung in
            defer { rung = urgency }
            return rung == urgency ? .again : .ring
        }
        add(event, urgency)
    }

    /// Nothing rings here any more. Of what rings for it next the program must hear later: waits until it has heard this,
    /// for a while.
    /// - Parameter waits: Whether something else may run it from now on.
    func quiet(waits: Bool) {
        let last = rung.withLock { rung in
            defer { rung = nil }
            return rung
        }
        guard let last else { return }
        let done = add(.quiet, last)
        if waits { _ = done.wait(timeout: .now() + Self.patience) }
    }

    /// Runs it until the task is cancelled; then ends what runs, with all that it started.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            for await (run, done) in runs {
                guard let start = runner.add(run) else {
                    done.signal()
                    continue
                }
                tasks.addTask { [runner] in
                    await runner.run(start)
                    done.signal()
                }
            }
        }
    }

    @discardableResult
    private func add(_ event: RingQueue.Event, _ urgency: Urgency) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        wish.yield((RingQueue.Run(event: event, urgency: urgency, message: nil), done))
        return done
    }
}
