import Statements
import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("a\u{1B}]0;title\u{7}", "a\\u{1B}]0;title\\u{7}"), ("b\u{202E}c", "b\\u{202E}c"),
        ("line\nbreak", "line\\u{A}break"), ("\r\n", "\\u{D}\\u{A}"), ("\u{7F}", "\\u{7F}"), ("\u{0}", "\\u{0}"),
        ("zero\u{200B}width", "zero\\u{200B}width"), ("\u{9B}31m", "\\u{9B}31m"), ("\u{2028}", "\\u{2028}"),
        ("\u{2029}", "\\u{2029}"), ("\u{E000}", "\\u{E000}"), ("\u{E0041}", "\\u{E0041}"), ("\u{378}", "\\u{378}"),
        ("a\u{34F}", "a\\u{34F}"), ("\u{3164}", "\\u{3164}"), ("Me\u{115F}yer", "Me\\u{115F}yer"),
        ("a\u{FE00}", "a\\u{FE00}"), ("a\u{E0100}", "a\\u{E0100}"), ("a\u{17B5}", "a\\u{17B5}"),
        ("a\u{180B}", "a\\u{180B}"), ("a\u{2800}", "a\\u{2800}"),
        ("\u{2764}\u{FE0F}\u{200D}\u{1F525}", "\u{2764}\u{FE0F}\\u{200D}\u{1F525}"),
        ("\u{26A0}\u{FE0F}\u{FE0F}", "\u{26A0}\u{FE0F}\\u{FE0F}"), ("1\u{FE0F}", "1\\u{FE0F}"),
    ])
    func whatSteersIsEscaped(_ text: String, _ shown: String) {
        #expect(VisibleText.of(text) == shown)
    }

    @Test(arguments: ["", " ", "~", "\\u{1B}", "Grüße 你好", "שלום", "e\u{301}", "🚑", "a\u{A0}b"])
    func whatIsReadStaysAsItIs(_ text: String) {
        #expect(VisibleText.of(text).utf8.elementsEqual(text.utf8))
        #expect(text.unicodeScalars.allSatisfy(VisibleText.isHarmless))
    }

    @Test func lineFeedsAloneAreKept() {
        #expect(VisibleText.of("a\nb\r\u{2028}\t\u{1B}", keepingLines: true) == "a\nb\\u{D}\\u{2028}\\u{9}\\u{1B}")
    }
}
