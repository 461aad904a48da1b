import FuzzSupport
import Statements
import Testing

/// What a lenient reader of lines would take.
@Suite struct LineTests {
    private static func text(_ statement: StatementCase) -> TextLines {
        var random = RandomStatements("lines of \(statement.name)")
        return TextLines(statement.sample(&random))
    }

    private func expectRefused(_ bytes: [UInt8], by statement: StatementCase, _ comment: Comment) {
        #expect(throws: StatementError.self, comment) { try statement.rewrite(bytes) }
    }

    @Test(arguments: StatementCase.all) func linesEndInOneLineFeed(_ statement: StatementCase) {
        let text = Self.text(statement)
        expectRefused(Array(text.bytes.dropLast()), by: statement, "no last line feed")
        expectRefused(text.bytes + [0x0A], by: statement, "an empty line behind")
        expectRefused([0x0A] + text.bytes, by: statement, "an empty line in front")
        expectRefused([0xEF, 0xBB, 0xBF] + text.bytes, by: statement, "a byte order mark")
        expectRefused(text.lines.flatMap { $0 + [0x0D, 0x0A] }, by: statement, "CR LF everywhere")
        expectRefused(text.lines.flatMap { $0 + [0x0D] }, by: statement, "CR everywhere")
        for index in text.lines.indices {
            var changed = text
            changed.lines[index].append(0x0D)
            expectRefused(changed.bytes, by: statement, "CR LF at line \(index + 1)")
            changed = text
            changed.lines.insert([], at: index)
            expectRefused(changed.bytes, by: statement, "an empty line before line \(index + 1)")
        }
    }

    @Test(arguments: StatementCase.all) func fieldsAreSeparatedByOneSpace(_ statement: StatementCase) {
        let text = Self.text(statement)
        for index in text.lines.indices {
            for (line, comment) in [
                (text.lines[index] + [0x20], "space behind"), ([0x20] + text.lines[index], "space in front"),
                (text.lines[index] + [0x09], "tab behind"),
                (text.lines[index] + [0xC2, 0xA0], "no-break space behind"),
                (text.lines[index] + [0x00], "NUL behind"),
            ] {
                var changed = text
                changed.lines[index] = line
                expectRefused(changed.bytes, by: statement, "\(comment), line \(index + 1)")
            }
            guard let space = text.lines[index].firstIndex(of: 0x20) else { continue }
            var changed = text
            changed.lines[index].insert(0x20, at: space)
            expectRefused(changed.bytes, by: statement, "two spaces, line \(index + 1)")
            changed = text
            changed.lines[index][space] = 0x09
            expectRefused(changed.bytes, by: statement, "tab for a space, line \(index + 1)")
            changed = text
            changed.lines[index] = Array(text.lines[index].prefix(space))
            expectRefused(changed.bytes, by: statement, "no value, line \(index + 1)")
            changed.lines[index].append(0x20)
            expectRefused(changed.bytes, by: statement, "an empty value, line \(index + 1)")
        }
    }

    @Test(arguments: StatementCase.all) func everyLineStandsOnceAndInItsPlace(_ statement: StatementCase) {
        let text = Self.text(statement)
        for index in text.lines.indices {
            var changed = text
            changed.lines.insert(text.lines[index], at: index)
            expectRefused(changed.bytes, by: statement, "line \(index + 1) twice")
            changed = text
            changed.lines.append(text.lines[index])
            expectRefused(changed.bytes, by: statement, "line \(index + 1) again at the end")
            if index > 0 {
                changed = text
                changed.lines.swapAt(index, index - 1)
                // Attachments have no order but the sender's.
                if text.key(index) == "attachment", text.key(index - 1) == "attachment" { continue }
                expectRefused(changed.bytes, by: statement, "lines \(index) and \(index + 1) swapped")
            }
        }
    }

    /// Lines of which there may be fewer.
    private static let optional: Set<String> = [
        "write", "without", "to", "admin", "member", "in-reply-to", "forward-of", "attachment",
    ]

    @Test(arguments: StatementCase.all) func noLineMayBeMissing(_ statement: StatementCase) throws {
        let text = Self.text(statement)
        for index in text.lines.indices {
            var changed = text
            changed.lines.remove(at: index)
            if Self.optional.contains(text.key(index)) {
                // Another, but well-formed, statement; or the last of its key.
                if let rewritten = try? statement.rewrite(changed.bytes) { #expect(rewritten == changed.bytes) }
            } else {
                expectRefused(changed.bytes, by: statement, "without line \(index + 1)")
            }
        }
    }

    @Test(arguments: StatementCase.all) func linesThatNobodyKnowsAreRefused(_ statement: StatementCase) {
        let text = Self.text(statement)
        for index in 0...text.lines.count {
            for line in ["x y", "comment", "# comment", "org org-"] {
                expectRefused(text.inserting(line, at: index), by: statement, "\(line) at line \(index + 1)")
            }
        }
    }

    @Test(arguments: StatementCase.all) func theTypeIsTheWholeFirstLine(_ statement: StatementCase) {
        let text = Self.text(statement)
        let type = String(decoding: text.lines[0], as: UTF8.self)
        for other in [
            type.uppercased(), type + " ", " " + type, type + "0", String(type.dropLast()) + "2",
            String(type.dropLast()),
            "x" + type, type + "\0", "",
        ] {
            var changed = text
            changed.lines[0] = Array(other.utf8)
            expectRefused(changed.bytes, by: statement, "type \(other)")
        }
    }

    @Test(arguments: StatementCase.all) func noTextIsLargerThanANote(_ statement: StatementCase) {
        let text = Self.text(statement).bytes
        let padding = [UInt8](repeating: UInt8(ascii: "a"), count: SignedNote.maximumByteCount + 1 - text.count)
        #expect(throws: StatementError(.tooLarge, part: "text")) { try statement.rewrite(text + padding) }
    }
}
