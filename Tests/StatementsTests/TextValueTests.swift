import FuzzSupport
import Statements
import Testing

@Suite struct TextValueTests {
    @Test(arguments: [
        "a", "~", "Dr. Bo O’Neill", "é", "Schröder", "刘 医生", "مرحبا", "שלום", "🚑", "a  b", "\u{FFFD}", "한국", "\u{E000}",
        String(repeating: "a", count: 256),
    ]) func acceptsWhatPeopleWrite(_ text: String) throws {
        let value = try #require(TextValue(Array(text.utf8)))
        #expect(value.bytes == Array(text.utf8))
        #expect(value.description.utf8.elementsEqual(text.utf8))
    }

    @Test func equalityIsThatOfBytes() throws {
        let composed = try #require(TextValue(typed: "e\u{301}"))
        #expect(composed.bytes == [0xC3, 0xA9])
        #expect(composed == TextValue("é".utf8))
        #expect(TextValue("e\u{301}".utf8) == nil)
    }

    /// What is composed in part: a syllable with a consonant of its own, a vowel sign in pieces, a letter with the second mark.
    @Test(arguments: [
        ("\u{AC00}\u{11A8}", "\u{AC01}"), ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"), ("\u{CCA}\u{CD5}", "\u{CCB}"),
        ("a\u{E2}\u{301}", "a\u{1EA5}"), ("\u{DDC}\u{DCA}", "\u{DDD}"),
        ("\u{1100}\u{1161}\u{11A7}", "\u{AC00}\u{11A7}"),
    ]) func whatIsComposedInPartIsRefusedAndComposed(_ text: String, _ composed: String) throws {
        #expect(TextValue(Array(text.utf8)) == nil)
        #expect(TextValue(Array(composed.utf8))?.bytes == Array(composed.utf8))
        #expect(TextValue(typed: text)?.bytes == Array(composed.utf8))
        #expect(ComposedText.of(text).utf8.elementsEqual(composed.utf8))
    }

    /// U+11A7 is no trailing consonant, though it stands before the first: it stays behind a syllable.
    @Test(arguments: ["\u{AC00}\u{11A7}", "\u{11A7}", "\u{11A7}\u{11A7}a\u{11A7}", "\u{AC00}\u{11A7}\u{11A8}"])
    func whatNothingIsComposedOfStays(_ text: String) {
        #expect(ComposedText.of(text).utf8.elementsEqual(text.utf8))
        #expect(TextValue(Array(text.utf8))?.bytes == Array(text.utf8))
    }

    @Test func whatIsTypedIsTrimmedAndComposed() {
        #expect(TextValue(typed: " \t\u{3000}Ana \n")?.bytes == Array("Ana".utf8))
        #expect(TextValue(typed: "Schro\u{308}der")?.bytes == Array("Schröder".utf8))
        for text in [
            "", "   ", "a\u{200B}b", "a\nb", String(repeating: "a", count: 257), String(repeating: "é", count: 129),
        ] {
            #expect(TextValue(typed: text) == nil)
        }
    }

    /// What other tables do not know is not told apart by any: U+0378 nobody assigned, the others Unicode 15 to 17.
    @Test(arguments: [0x378, 0xFDD0, 0x10_FFFF, 0x1_FAE8, 0x2FFC, 0x1C89, 0x20C1] as [UInt32])
    func whatUnicode14DoesNotAssignIsRefused(_ value: UInt32) throws {
        let scalar = Character(try #require(Unicode.Scalar(value)))
        #expect(TextValue("a\(scalar)b".utf8) == nil && TextValue(typed: "\(scalar)") == nil)
    }

    /// Every scalar, alone between two letters: accepted exactly when it is no Cc, Cf, Cn, Zl, Zp and in NFC by itself.
    @Test func noScalarOfTheForbiddenCategoriesPasses() {
        var accepted = 0
        for value in stride(from: UInt32(0), to: 0x11_0000, by: 1) where value < 0x3_1400 || value % 257 == 0 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            // CJK and Hangul are many and alike.
            guard value < 0x3400 || value > 0xD000 || value % 31 == 0 else { continue }
            let text = "a\(Character(scalar))b"
            let parsed = TextValue(Array(text.utf8))
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned:
                #expect(parsed == nil, "U+\(value)")
            default: if parsed != nil { accepted += 1 }
            }
            if scalar.properties.isWhitespace {
                #expect(TextValue(Array("\(Character(scalar))a".utf8)) == nil, "U+\(value) in front")
                #expect(TextValue(Array("a\(Character(scalar))".utf8)) == nil, "U+\(value) behind")
            }
        }
        #expect(accepted > 20_000)
    }
}
