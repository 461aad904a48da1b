/// Items of this device's queue that were passed over: not given, or given as something that they are not.
///
/// What comes after them is read; they are asked for again before anything else, for a lie that ends must cost no message.
struct MissingItems: Sendable, Equatable {
    /// How many ranges are told apart; more are joined, for asking too much costs a look and no message.
    static let maximumRanges = 64

    /// The last number at which the running hash was the one that the relay had signed.
    var confirmed: UInt64 = 0
    /// Ascending, not touching each other.
    private(set) var ranges: [ClosedRange<UInt64>] = []

    var first: UInt64? { ranges.first?.lowerBound }
    var last: UInt64? { ranges.last?.upperBound }

    func contains(_ number: UInt64) -> Bool { ranges.contains { $0.contains(number) } }

    /// Adds items.
    mutating func insert(_ range: ClosedRange<UInt64>) {
        ranges.append(range)
        ranges.sort { $0.lowerBound < $1.lowerBound }
        ranges = ranges.reduce(into: []) { joined, next in
            if let last = joined.last, next.lowerBound <= last.upperBound || next.lowerBound - last.upperBound == 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
            } else {
                joined.append(next)
            }
        }
        while ranges.count > Self.maximumRanges { joinNearest() }
    }

    /// Makes the two ranges one that have the fewest items between them.
    private mutating func joinNearest() {
        let gaps = zip(ranges, ranges.dropFirst()).map { $1.lowerBound - $0.upperBound }
        guard let nearest = gaps.indices.min(by: { gaps[$0] < gaps[$1] }) else { return }
        ranges.replaceSubrange(
            nearest...nearest + 1, with: [ranges[nearest].lowerBound...ranges[nearest + 1].upperBound])
    }

    /// Takes one out.
    /// - Returns: Whether it was in.
    mutating func remove(_ number: UInt64) -> Bool {
        guard let index = ranges.firstIndex(where: { $0.contains(number) }) else { return false }
        let range = ranges[index]
        var rest: [ClosedRange<UInt64>] = []
        if range.lowerBound < number { rest.append(range.lowerBound...number - 1) }
        if number < range.upperBound { rest.append(number + 1...range.upperBound) }
        ranges.replaceSubrange(index...index, with: rest)
        return true
    }

    /// Numbers that the queue does not have.
    mutating func forget(beyond number: UInt64) {
        ranges = ranges.compactMap { range in
            range.lowerBound > number ? nil : range.lowerBound...min(range.upperBound, number)
        }
    }
}

extension MissingItems {
    /// As it is stored: `confirmed`, then `first-last` a range.
    var text: String {
        ([confirmed.description] + ranges.map { "\($0.lowerBound)-\($0.upperBound)" }).joined(separator: " ")
    }

    init?(_ text: String) {
        let fields = text.split(separator: " ")
        guard let confirmed = fields.first.flatMap({ UInt64($0) }) else { return nil }
        self.confirmed = confirmed
        for field in fields.dropFirst() {
            let bounds = field.split(separator: "-").compactMap { UInt64($0) }
            guard bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
            insert(bounds[0]...bounds[1])
        }
    }
}
