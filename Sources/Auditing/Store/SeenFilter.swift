/// Says of most things that were never added, that they were not: so that nobody asks the store for them (a Bloom filter).
///
/// 4 MiB, whatever is added: of two million things that were not, five thousand are asked for all the same. Somebody who makes
/// hashes that meet in it makes an audit slower, and nothing else.
struct SeenFilter {
    /// 2^25.
    private static let bitCount: UInt64 = 1 << 25
    /// How many bits stand for a thing.
    private static let count: UInt64 = 4

    private var words = [UInt64](repeating: 0, count: Int(bitCount / 64))

    mutating func add(_ prefix: Int64) {
        for place in 0..<Self.count {
            let bit = Self.bit(prefix, place)
            words[Int(bit / 64)] |= 1 << (bit % 64)
        }
    }

    func mayHold(_ prefix: Int64) -> Bool {
        for place in 0..<Self.count {
            let bit = Self.bit(prefix, place)
            guard words[Int(bit / 64)] >> (bit % 64) & 1 == 1 else { return false }
        }
        return true
    }

    /// Of a hash, whose bits are as good as random: its lower half, and so many times its upper.
    private static func bit(_ prefix: Int64, _ place: UInt64) -> UInt64 {
        let bits = UInt64(bitPattern: prefix)
        return (bits &+ place &* (bits >> 32 | 1)) % bitCount
    }
}
