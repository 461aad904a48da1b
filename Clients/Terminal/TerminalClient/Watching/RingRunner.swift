import Statements
import Synchronization

/// Runs the program of `--command` for whatever rings, in the order and at the same time as ``RingQueue`` says.
final class RingRunner: Sendable {
    private let program: RingProgram
    private let limit: Duration
    private let tell: @Sendable (WorkerWord) -> Bool
    private let trouble: @Sendable (String) -> Void
    private let queue = Mutex(RingQueue())

    /// - Parameters:
    ///   - limit: How long it may run for one message.
    ///   - tell: Tells whoever outlives this process what runs.
    ///   - trouble: Gets what went wrong, in words.
    init(
        _ program: RingProgram, limit: Duration = .seconds(RingProgram.seconds),
        tell: @escaping @Sendable (WorkerWord) -> Bool = { _ in true },
        trouble: @escaping @Sendable (String) -> Void
    ) {
        self.program = program
        self.limit = limit
        self.tell = tell
        self.trouble = trouble
    }

    /// Takes a place in the queue, at once.
    /// - Returns: What to ``run(_:)`` now.
    func add(_ run: RingQueue.Run) -> RingQueue.Run? {
        let (start, leftOut) = queue.withLock { $0.add(run) }
        if let leftOut {
            trouble(
                "\"\(program.path)\" is not run for a message (\(leftOut.urgency.rawValue)): too many wait for it already"
            )
        }
        return start
    }

    /// Runs it for one, and then for what waited for its place, until nothing does.
    func run(_ first: RingQueue.Run) async {
        var next: RingQueue.Run? = first
        while let run = next, !Task.isCancelled {
            let words = await program.run(
                event: run.event.rawValue, urgency: run.urgency, message: run.message, limit: limit, tell: tell)
            if let words { trouble(words) }
            next = queue.withLock { $0.ended(run) }
        }
    }
}
