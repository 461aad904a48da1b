/// The first of many, as many as there is room for, and how many there are.
public struct Listed<Item: Sendable>: Sendable {
    private let limit: Int
    public internal(set) var first: [Item] = []
    public private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    /// Several after each other, as many of them as there is room for.
    init(_ parts: [Listed], limit: Int) {
        self.limit = limit
        for part in parts {
            first += part.first.prefix(limit - first.count)
            count += part.count
        }
    }

    /// How many are not among ``first``.
    public var more: Int { count - first.count }
    public var isEmpty: Bool { count == 0 }

    mutating func add(_ item: @autoclosure () -> Item) {
        if first.count < limit { first.append(item()) }
        count += 1
    }
}

/// A list of messages in a report: the most urgent first, and in the order of the log.
public enum ReportList: Hashable, Sendable {
    /// Every message of the period, in the order of the log alone.
    case all
    /// Those of the period that this became of.
    case outcome(MessageOutcome)
    /// Those of the period that bear this mark.
    case marked(MessageMark)
    /// Those of the period that nobody has answered yet, and nobody has declined.
    case waiting
    /// Those of the period about which a promise was broken.
    case notVerified
    /// Messages of before the period that nobody has answered, and that have not expired.
    case olderOpen
    /// Those of them that nobody has declined.
    case olderWaiting
    /// Messages of before the period of which this became in it.
    case olderOutcome(MessageOutcome)
    /// Messages of before the period that got this mark in it, or still bear the one that they were declined.
    case olderMarked(MessageMark)
}
