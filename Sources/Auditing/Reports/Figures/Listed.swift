/// The first of many, as many as there is room for, and how many there are.
public struct Listed<Item: Sendable>: Sendable {
    private let limit: Int
    public internal(set) var first: [Item] = []
    public private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    /// How many are not among ``first``.
    public var more: Int { count - first.count }
    public var isEmpty: Bool { count == 0 }

    mutating func add(_ item: @autoclosure () -> Item) {
        if first.count < limit { first.append(item()) }
        count += 1
    }
}

/// A list of messages in a report.
public enum ReportList: Hashable, Sendable {
    /// Every message of the period.
    case all
    /// Those of the period that this became of.
    case outcome(MessageOutcome)
    /// Those of the period about which a promise was broken.
    case notVerified
    /// Messages of before the period that nobody has answered, and that have not expired.
    case olderOpen
}
