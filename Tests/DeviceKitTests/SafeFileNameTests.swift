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

    @Test(arguments: ["", ".", "..", "...", "/", "\u{0}", " ", "~", "---", "\u{202E}", "__"])
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
