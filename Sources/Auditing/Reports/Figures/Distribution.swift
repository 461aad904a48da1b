/// How long something took, over many messages: milliseconds, exact.
public struct Distribution: Hashable, Sendable {
    private let sorted: [Int64]

    init(_ values: some Sequence<Int64>) { sorted = values.sorted() }

    public var count: Int { sorted.count }
    public var median: Int64? { percentile(50) }
    public var maximum: Int64? { sorted.last }

    /// By nearest rank: the smallest value such that at least so many of a hundred are no larger. Always a value that
    /// occurred; `nil` when there is none.
    /// - Parameter percent: From 1 to 100.
    public func percentile(_ percent: Int) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        return sorted[(percent * sorted.count + 99) / 100 - 1]
    }
}
