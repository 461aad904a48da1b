import Testing

@testable import TerminalScreen

@Suite struct FrameTests {
    @Test func textStandsWhereItIsPutAndEndsAtTheEdge() {
        var frame = Frame(columns: 10, rows: 2)
        #expect(frame.put("night", at: 2, 0, .strong) == 7)
        #expect(frame.put("a long bell", at: 4, 1) == 10)
        #expect(frame.lines == ["  night", "    a long"])
        #expect(frame[2, 0].style == .strong)
        #expect(frame[1, 0].style == .plain)
        #expect(frame.put("x", at: 0, 2) == 0)
        #expect(frame.put("x", at: 10, 0) == 10)
    }

    @Test func wideCharactersTakeTwoCellsAndAreNeverCutInHalf() {
        var frame = Frame(columns: 5, rows: 1)
        #expect(frame.put("当直医", at: 0, 0) == 4)
        #expect(frame.text == "当直")
        #expect(frame[1, 0].text.isEmpty)
        frame.put("x", at: 1, 0)
        #expect(frame.text == " x直")
        frame.put("y", at: 2, 0)
        #expect(frame.text == " xy")
    }

    @Test func marksStayWithTheirCharacterAndAreFew() {
        var frame = Frame(columns: 4, rows: 1)
        frame.put("e\u{301}o" + String(repeating: "\u{301}", count: 50), at: 0, 0)
        #expect(frame[0, 0].text == "e\u{301}")
        #expect(frame[1, 0].text.unicodeScalars.count <= 4)
        // A mark without a character has nothing to sit on.
        frame = Frame(columns: 4, rows: 1)
        frame.put("\u{301}ab", at: 1, 0)
        #expect(frame.text == " ab")
    }

    @Test func nothingThatMovesTheCursorGetsIn() {
        var frame = Frame(columns: 20, rows: 1)
        frame.put("a\u{1B}[2Jb\u{7}\n\u{9B}c\u{7F}", at: 0, 0)
        #expect(frame.text == "a?[2Jb???c?")
        let outside = frame.text.unicodeScalars.filter { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
        #expect(outside.isEmpty)
    }

    @Test func theCursorIsInsideOrHidden() {
        var frame = Frame(columns: 3, rows: 2)
        frame.cursor = (2, 1)
        #expect(frame.cursor?.column == 2)
        #expect(frame.cursor?.row == 1)
        frame.cursor = (3, 0)
        #expect(frame.cursor == nil)
    }
}

@Suite struct ColumnsTests {
    @Test func textIsBrokenAtBlanks() {
        #expect(Columns.wrapped("the child breathes fast", to: 10) == ["the child", "breathes", "fast"])
        #expect(Columns.wrapped("one\n\ntwo", to: 10) == ["one", "", "two"])
        #expect(Columns.wrapped("", to: 10) == [""])
    }

    @Test func aWordLongerThanALineIsBroken() {
        #expect(Columns.wrapped("abcdefghij kl", to: 4) == ["abcd", "efgh", "ij", "kl"])
        #expect(Columns.wrapped("当直医当直医", to: 5) == ["当直", "医当", "直医"])
    }

    @Test func everyLineFits() {
        let text = String(repeating: "Fever 39.8 für drei Tage 当直医 e\u{301}e\u{301}e\u{301} ", count: 20)
        for columns in 2...60 {
            #expect(Columns.wrapped(text, to: columns).allSatisfy { Columns.width($0) <= columns })
        }
    }

    @Test func whatIsTooWideIsCutVisibly() {
        #expect(Columns.cut("Dr. Clara Chen", to: 8) == "Dr. Cla…")
        #expect(Columns.cut("Dr. Dan", to: 8) == "Dr. Dan")
        #expect(Columns.cut("当直医", to: 5) == "当直…")
        #expect(Columns.fitted("ab", to: 4) == "ab  ")
        #expect(Columns.width(Columns.fitted("当直医", to: 4)) == 4)
    }
}
