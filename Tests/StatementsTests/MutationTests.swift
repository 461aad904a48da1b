import FuzzSupport
import Statements
import Testing

/// Every single-byte change of a valid text is refused, or is another statement that is written just so. Nothing is
/// normalised silently.
@Suite struct MutationTests {
    @Test(arguments: StatementCase.all) func noChangeOfOneByteIsOverlooked(_ statement: StatementCase) {
        var random = RandomStatements("mutations of \(statement.name)")
        let text = statement.sample(&random)
        var accepted = 0
        for position in Self.positions(text.count) {
            for changed in Self.changes(of: text, at: position) where changed != text {
                guard let rewritten = try? statement.rewrite(changed) else { continue }
                accepted += 1
                #expect(rewritten == changed, "\(statement.name), byte \(position)")
            }
        }
        // Digits of times and hashes may change.
        #expect(accepted > 20)
    }

    /// All of a small text; of one with long keys in it, the beginning, the end and a part of what lies between.
    private static func positions(_ count: Int) -> [Int] {
        (0..<count).filter { $0 < 700 || $0 >= count - 200 || $0 % 11 == 0 }
    }

    private static func changes(of text: [UInt8], at position: Int) -> [[UInt8]] {
        var results: [[UInt8]] = []
        for byte in [text[position] ^ 1, text[position] ^ 0x20, text[position] ^ 0x80, 0x0A, 0x20] {
            var changed = text
            changed[position] = byte
            results.append(changed)
        }
        var shorter = text
        shorter.remove(at: position)
        results.append(shorter)
        var longer = text
        longer.insert(text[position], at: position)
        results.append(longer)
        return results
    }

    @Test(arguments: StatementCase.all) func noPrefixAndNoExtensionIsAccepted(_ statement: StatementCase) {
        var random = RandomStatements("prefixes of \(statement.name)")
        let text = statement.sample(&random)
        for count in stride(from: 0, to: text.count, by: max(1, text.count / 150)) {
            #expect(throws: StatementError.self) { try statement.rewrite(Array(text.prefix(count))) }
        }
        for tail in ["\n", "\0", " ", "x y\n", "org x\n"] {
            #expect(throws: StatementError.self) { try statement.rewrite(text + Array(tail.utf8)) }
        }
    }
}
