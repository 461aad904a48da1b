/// How long something took, over many messages: milliseconds, exact.
public struct Distribution: Hashable, Sendable {
    /// The percentiles that are known of one.
    public static let percents = [50, 90, 95, 99]

    public let count: Int
    public let maximum: Int64?
    private let percentiles: [Int: Int64]

    init(_ values: some Collection<Int64>) {
        var tally = DistributionTally()
        for value in values { tally.add(value) }
        tally.turn()
        for value in values { tally.addAgain(value) }
        self = tally.distribution
    }

    init(count: Int, maximum: Int64?, percentiles: [Int: Int64]) {
        self.count = count
        self.maximum = maximum
        self.percentiles = percentiles
    }

    public var median: Int64? { percentile(50) }

    /// By nearest rank: the smallest value such that at least so many of a hundred are no larger. Always a value that
    /// occurred; `nil` when there is none.
    /// - Parameter percent: One of ``percents``.
    public func percentile(_ percent: Int) -> Int64? {
        precondition(Self.percents.contains(percent), "no such percentile is kept")
        return percentiles[percent]
    }
}
