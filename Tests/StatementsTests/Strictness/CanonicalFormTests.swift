import Statements
import Testing

/// However lenient the reader of a type is: what it would not have written itself is refused.
@Suite struct CanonicalFormTests {
    /// Takes any value, any number of lines, and writes always the same.
    private struct Lenient: StatementText {
        static let type: StaticString = "nightbell.lenient/v1"

        init(reading reader: inout TextReader) throws(StatementError) {
            while reader.isNext("a") { _ = try reader.value("a") }
        }

        func write(to writer: inout TextWriter) {
            writer.line("a", "one")
            writer.line("a", UInt64(2))
        }
    }

    private static func parses(_ text: String) -> Bool { (try? Lenient(parsing: Array(text.utf8))) != nil }

    @Test func onlyWhatIsWrittenIsRead() {
        #expect(Self.parses("nightbell.lenient/v1\na one\na 2\n"))
        for other in [
            "nightbell.lenient/v1\na one\na 3\n", "nightbell.lenient/v1\na onE\na 2\n",
            "nightbell.lenient/v1\na one\n", "nightbell.lenient/v1\n", "nightbell.lenient/v1\na 2\na one\n",
            "nightbell.lenient/v1\na one\na 2\na 2\n", "nightbell.lenient/v1\na one\na 22\n",
            "nightbell.lenient/v1\na onea\na 2\n", "nightbell.lenient/v1\na x\na one\na 2\n",
        ] {
            #expect(!Self.parses(other), "\(other)")
        }
    }
}
