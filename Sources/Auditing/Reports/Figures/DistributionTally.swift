/// Finds the exact percentiles of any number of values in bounded memory: they are given twice.
///
/// The first time it is counted how many lie in each stretch, of which there are at most a thousand for each doubling; then it is
/// known in which stretches the percentiles lie, and the second time only the values of those are told apart.
struct DistributionTally {
    /// 1,024 = 2^10 stretches between a value and its double: none is wider than a thousandth of what lies in it.
    private static let bits = 10

    private var count = 0
    private var maximum: Int64?
    /// How many values lie in each stretch.
    private var stretches: [Int64: Int] = [:]
    /// By percent: in which stretch it lies, and how many values of the stretch are smaller or come before it.
    private var ranks: [Int: (stretch: Int64, rank: Int)] = [:]
    /// How often each value came that lies in such a stretch.
    private var values: [Int64: [Int64: Int]] = [:]

    /// Ascending with the value, each number a stretch of its own; small values each have theirs.
    static func stretch(of value: Int64) -> Int64 {
        guard value >= 0 else { return ~stretch(of: ~value) }
        let shift = max(0, 63 - Int64(value.leadingZeroBitCount) - Int64(bits))
        return shift << Int64(bits) + value >> shift
    }

    /// The first time.
    mutating func add(_ value: Int64) {
        count += 1
        maximum = max(maximum ?? value, value)
        stretches[Self.stretch(of: value), default: 0] += 1
    }

    /// Between the first time and the second.
    mutating func turn() {
        let sorted = stretches.sorted { $0.key < $1.key }
        for percent in Distribution.percents where count > 0 {
            var rank = (percent * count + 99) / 100 - 1
            for (stretch, count) in sorted {
                guard rank >= count else {
                    ranks[percent] = (stretch, rank)
                    values[stretch] = [:]
                    break
                }
                rank -= count
            }
        }
        stretches = [:]
    }

    /// The second time.
    mutating func addAgain(_ value: Int64) { values[Self.stretch(of: value)]?[value, default: 0] += 1 }

    var distribution: Distribution {
        var percentiles: [Int: Int64] = [:]
        for (percent, place) in ranks {
            var rank = place.rank
            for (value, count) in (values[place.stretch] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard rank >= count else {
                    percentiles[percent] = value
                    break
                }
                rank -= count
            }
        }
        return Distribution(count: count, maximum: maximum, percentiles: percentiles)
    }
}
