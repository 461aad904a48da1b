import DeviceKit
import Testing

/// What a sender calls a file is hostile until it was made harmless.
@Suite struct SafeFileNameTests {
    @Test(arguments: [
        ("call.wav", "call.wav"), ("ECG von Frau Müller.pdf", "ECG von Frau Müller.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"), ("/etc/passwd", "_etc_passwd"), (".bashrc", "bashrc"),
        ("-rf", "rf"), ("~/x", "_x"), ("a\u{0}b", "a_b"), ("a\nb\u{1B}[2J.wav", "a_b_[2J.wav"),
        ("exe.\u{202E}gpj", "exe._gpj"), ("a\u{200B}b", "a_b"), ("$(rm x)`y`;z", "_(rm x)_y__z"), ("name. . ", "name"),
        ("C:\\temp\\x", "C__temp_x"), ("e\u{301}.png", "é.png"), ("a\u{A0}b", "a_b"), ("..hidden", "hidden"),
    ])
    func whatIsLeftIsHarmless(_ name: String, _ safe: String) throws {
        #expect(SafeFileName(name)?.text == safe)
    }

    /// A dot or a dash with a mark on it is another character to a person, and the same first byte to a file system.
    @Test(arguments: [
        (".\u{300}bashrc", "bashrc"), ("-\u{300}rf", "rf"), ("~\u{301}x", "x"), (" \u{20DD}x", "x"),
        ("\u{300}.x", "x"), (".\u{300}-\u{301}.\u{302}x", "x"), ("-\u{FE0F}rf", "_rf"), ("-\u{903}rf", "rf"),
        ("a.\u{300}", "a.\u{300}"), ("a.\u{300}..", "a.\u{300}"),
    ])
    func whatStandsInFrontIsLookedAtScalarByScalar(_ name: String, _ safe: String) throws {
        let text = try #require(SafeFileName(name)?.text)
        #expect(Array(text.utf8) == Array(safe.utf8))
    }

    @Test(arguments: ["\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{200E}", "\u{61C}", "\u{FEFF}", "\u{E0041}"])
    func whatTurnsOrHidesTextIsReplaced(_ control: String) {
        #expect(SafeFileName("a\(control)gpj.exe")?.text == "a_gpj.exe")
        #expect(SafeFileName("\(control).x")?.text == "_.x")
    }

    /// Letters that nobody sees.
    @Test(arguments: ["\u{3164}", "\u{115F}", "\u{FFA0}", "\u{2800}"])
    func aNameThatShowsNothingIsNone(_ blank: String) {
        #expect(SafeFileName(blank) == nil)
        #expect(SafeFileName("a\(blank)b")?.text == "a_b")
    }

    @Test(arguments: [
        "", ".", "..", "...", "/", "\u{0}", " ", "~", "---", "\u{202E}", "__", ".\u{300}.", "..\u{300}", "-\u{300}-",
        "\u{300}", "_\u{300}",
    ])
    func whereNothingIsLeftThereIsNoName(_ name: String) {
        #expect(SafeFileName(name) == nil)
    }

    @Test func longNamesKeepTheirEnding() throws {
        let long = try #require(SafeFileName(String(repeating: "x", count: 500) + ".wav"))
        #expect(long.text.count == 120)
        #expect(long.text.hasSuffix("x.wav"))
        let wide = try #require(SafeFileName(String(repeating: "漢", count: 119) + ".wav"))
        #expect(wide.text.utf8.count <= 200)
        #expect(wide.text.hasSuffix("漢.wav"))
        // However many marks one character carries.
        let marked = try #require(SafeFileName("a" + String(repeating: "\u{300}", count: 5_000) + ".wav"))
        #expect(marked.text.unicodeScalars.count <= 120 && marked.text.utf8.count <= 200)
        #expect(marked.text.unicodeScalars.first != "\u{300}" && marked.text.hasSuffix(".wav"))
        let endless = try #require(SafeFileName("x." + String(repeating: "y", count: 100_000)))
        #expect(endless.text.utf8.count == 120)
    }

    @Test func secondFilesOfANameAreNumbered() throws {
        let name = try #require(SafeFileName("call.wav"))
        #expect(name.numbered(2).text == "call (2).wav")
        #expect(try #require(SafeFileName("call")).numbered(3).text == "call (3)")
    }

    @Test func aFileWithoutANameHasItsNumberAndType() {
        #expect(SafeFileName(nil, index: 0).text == "attachment-1.bin")
    }
}
