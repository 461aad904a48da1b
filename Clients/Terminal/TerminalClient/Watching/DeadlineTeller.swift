import Statements

/// Tells the process that outlives this one by when messages that were sent from here are to be answered, so that it rings
/// for them when the profile is locked.
struct DeadlineTeller {
    /// The nearest of them: five bytes each, all of which its socket holds at once.
    private static let atMost = 1_000

    private let tell: (WorkerWord) -> Bool
    private var untold: [Timestamp]?

    init(_ tell: @escaping (WorkerWord) -> Bool) { self.tell = tell }

    /// - Parameter deadlines: All of them, in any order.
    mutating func changed(_ deadlines: [Timestamp]) {
        untold = Array(deadlines.sorted().prefix(Self.atMost))
        repeatUntold()
    }

    /// Tells once more what nobody heard: all of it, or the other would take a part for the whole.
    mutating func repeatUntold() {
        guard let deadlines = untold else { return }
        let words =
            [WorkerWord(.deadlines)]
            + deadlines.map { WorkerWord(.deadline, UInt32(clamping: $0.milliseconds / 1000)) }
        if words.allSatisfy(tell) { untold = nil }
    }
}
