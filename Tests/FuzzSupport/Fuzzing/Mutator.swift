/// Makes hostile bytes out of good ones: bit flips, inserts, deletes, splices, swapped lines, other numbers, length bombs.
public struct Mutator: Sendable {
    /// What parsers of texts, notes and lengths stumble over.
    private static let tokens: [[UInt8]] =
        [
            "\n", "\r\n", "\r", "\n\n", " ", "  ", "\t", "\0", "none", "-", "+", "=", "==", ".", "/", "..", ":", "—",
            "\u{301}",
            "\u{FEFF}", "\u{200B}", "\u{2028}", "\u{212A}", "\u{E9}", "e\u{301}", "nightbell.", "/v1", "/v2", "org ",
            "seen ",
            "member ", "to ", "write admin admin\n", "x001/", ".p/", "0x", "NaN", "null",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x80], [0xF4, 0x90, 0x80, 0x80]]
    private static let numbers = [
        "0", "1", "-1", "+1", "00", "01", "255", "256", "257", "65535", "65536", "9007199254740991", "9007199254740992",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999",
    ].map { Array($0.utf8) }
    /// More than any bound of ours.
    private static let bombByteCount = 140_000

    private var generator: SplitMix64
    private let others: [[UInt8]]

    /// - Parameter others: What pieces are spliced in from.
    public init(generator: SplitMix64, others: [[UInt8]]) {
        self.generator = generator
        self.others = others
    }

    /// One to four changes.
    public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0...generator.below(4) { change(&result) }
        return result
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let position = bytes.isEmpty ? 0 : generator.below(bytes.count)
        switch generator.below(16) {
        case 0, 1, 2:
            if !bytes.isEmpty { bytes[position] ^= 1 << UInt8(generator.below(8)) }
        case 3:
            if !bytes.isEmpty { bytes[position] = UInt8(truncatingIfNeeded: generator.next()) }
        case 4:
            bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: position)
        case 5, 6:
            bytes.insert(contentsOf: Self.tokens[generator.below(Self.tokens.count)], at: position)
        case 7:
            bytes.removeSubrange(position..<min(bytes.count, position + 1 + generator.below(8)))
        case 8:
            bytes.removeLast(min(bytes.count, generator.below(bytes.count + 1)))
        case 9:
            bytes.insert(
                contentsOf: Array(bytes[position..<min(bytes.count, position + 1 + generator.below(64))]), at: position)
        case 10: splice(&bytes, at: position)
        case 11, 12: replaceNumber(&bytes, from: position)
        case 13, 14: changeLines(&bytes)
        default:
            if generator.once(in: 8) {
                bomb(&bytes, at: position)
            } else if !bytes.isEmpty {
                bytes.swapAt(position, generator.below(bytes.count))
            }
        }
    }

    private mutating func splice(_ bytes: inout [UInt8], at position: Int) {
        let other = others[generator.below(others.count)]
        guard !other.isEmpty else { return }
        let start = generator.below(other.count)
        let piece = other[start..<min(other.count, start + 1 + generator.below(200))]
        bytes.replaceSubrange(position..<min(bytes.count, position + generator.below(200)), with: piece)
    }

    /// Puts another number in the place of the first one behind `position`.
    private mutating func replaceNumber(_ bytes: inout [UInt8], from position: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[position...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: Self.numbers[generator.below(Self.numbers.count)])
    }

    private mutating func changeLines(_ bytes: inout [UInt8]) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let position = generator.below(lines.count)
        switch generator.below(3) {
        case 0: lines.remove(at: position)
        case 1: lines.insert(lines[position], at: position)
        default: lines.swapAt(position, generator.below(lines.count))
        }
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private mutating func bomb(_ bytes: inout [UInt8], at position: Int) {
        let unit = Array(bytes[position..<min(bytes.count, position + 1 + generator.below(300))])
        let chunk = unit.isEmpty ? [UInt8(ascii: "a")] : unit
        let length = generator.once(in: 2) ? 4_096 : Self.bombByteCount
        var filling: [UInt8] = []
        while filling.count < length { filling += chunk }
        bytes.insert(contentsOf: filling, at: position)
    }
}
