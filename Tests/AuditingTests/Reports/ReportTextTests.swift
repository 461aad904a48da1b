import Foundation
import Statements
import Testing

@testable import Auditing

/// How hostile text is written: names, labels and reasons are what somebody typed.
@Suite struct ReportTextTests {
    /// What somebody may call themselves, or hope to.
    static let hostile = [
        "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onfocus='x", "</title><img src=x>", "&lt;b&gt;",
        "]]>",
        "<!--", "=HYPERLINK(\"http://x\")", "a,b\"c\r\nd", "\u{202E}gnp.exe", "\u{1B}[31mred", "\u{0}", "é & <é>",
    ]

    @Test func nothingThatOthersWroteBecomesMarkup() {
        for text in Self.hostile {
            var page = HTMLWriter()
            page.element("td", ["class": text, "title": text], text)
            let written = String(decoding: page.bytes, as: UTF8.self)
            let start = written.firstIndex(of: ">")!
            let inside = written[written.index(after: start)...].dropLast("</td>".count)
            for part in [inside, written[..<start].dropFirst("<td class=".count)] {
                #expect(!part.contains("<") && !part.contains(">") && !part.contains("'"), "\(written)")
            }
            #expect(!inside.contains("\""))
            // Four quotes: those that we wrote.
            #expect(written[..<start].count { $0 == "\"" } == 4, "\(written)")
            // Every ampersand begins one of five references.
            for reference in written.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
                #expect(["amp;", "lt;", "gt;", "quot;", "#39;"].contains { reference.hasPrefix($0) }, "\(written)")
            }
            #expect(!written.unicodeScalars.contains { $0.properties.generalCategory == .format || $0.value < 0x20 })
        }
        var page = HTMLWriter()
        page.text("a<b> & \"c\" 'd' \u{202E}")
        #expect(String(decoding: page.bytes, as: UTF8.self) == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; \\u{202E}")
    }

    /// A heading of ours may say where it is divided; nothing else on a page is hidden so.
    @Test func aHeadingIsDividedWhereItSaysSo() {
        var page = HTMLWriter()
        page.divisible("Un\u{AD}ex\u{AD}plained <b>")
        page.text("Un\u{AD}ex")
        #expect(String(decoding: page.bytes, as: UTF8.self) == "Un&shy;ex&shy;plained &lt;b&gt;Un\\u{AD}ex")
    }

    @Test func aCSVIsReadBackAsItWasWritten() throws {
        let fields = Self.hostile + ["", " ", "plain", "\"", ",", "\r", "\n", "\"\"", "ü"]
        var bytes: [UInt8] = []
        CSVText.line(fields, into: &bytes)
        CSVText.line(fields.reversed(), into: &bytes)
        #expect(try Self.read(bytes) == [fields, fields.reversed()])
    }

    @Test func aSpreadsheetFindsNoFormula() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{FF1D}1", "\u{FF20}x", "\u{3000}=1", "\t1",
        ] {
            #expect(CSVText.words(text) == "'" + VisibleText.of(text), "\(text)")
        }
        // Where cells are divided at semicolons.
        #expect(CSVText.words("a;=1+1") == "a;'=1+1")
        #expect(CSVText.words("x; =cmd|calc!A0;-2") == "x; '=cmd|calc!A0;'-2")
        // A quotation mark with which a cell begins is taken away.
        #expect(CSVText.words("x;\"=cmd|calc!A0;y") == "x;\"'=cmd|calc!A0;y")
        #expect(CSVText.words("\"=1+1") == "'\"=1+1")
        #expect(CSVText.words("\u{1B}[31mred\u{202E}") == "\\u{1B}[31mred\\u{202E}")
        for text in ["", "Dr. Chen", "a=b", "1+1", " Ivy", "'=1"] { #expect(CSVText.words(text) == text) }
    }

    @Test func jsonIsASCIIAndReadBackAsItWasWritten() throws {
        for text in Self.hostile + ["\u{1F600}", "\u{7F}", "\\", "/"] {
            let bytes = (["key": .string(text), text: [.null, true, .integer(-5)]] as ReportJSON).bytes
            #expect(bytes.allSatisfy { (0x20..<0x7F).contains($0) })
            let read = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            #expect((read["key"] as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true, "\(text)")
            #expect(read.keys.count == 2)
        }
        let nested: ReportJSON = ["a": .null, "b": [["c": .null, "d": "e"]]]
        #expect(String(decoding: nested.withoutNulls.bytes, as: UTF8.self) == #"{"b":[{"d":"e"}]}"#)
    }

    /// RFC 4180, as its grammar has it: an own reader, for nothing else of ours reads CSV.
    static func read(_ bytes: [UInt8]) throws -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if field.isEmpty, bytes[place] == UInt8(ascii: "\"") {
                place += 1
                while true {
                    try #require(place < bytes.count)
                    if bytes[place] == UInt8(ascii: "\"") {
                        guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\"") else { break }
                        place += 1
                    }
                    field.append(bytes[place])
                    place += 1
                }
                place += 1
            } else {
                while place < bytes.count, ![UInt8(ascii: ","), 0x0D].contains(bytes[place]) {
                    field.append(bytes[place])
                    place += 1
                }
            }
            row.append(String(decoding: field, as: UTF8.self))
            field = []
            try #require(place < bytes.count)
            if bytes[place] == 0x0D {
                try #require(bytes[place + 1] == 0x0A)
                place += 1
                rows.append(row)
                row = []
            }
            place += 1
        }
        #expect(row.isEmpty)
        return rows
    }
}
