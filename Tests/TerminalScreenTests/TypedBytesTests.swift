import Testing

@testable import TerminalScreen

/// What is typed or pasted, byte by byte.
@Suite struct TypedBytesTests {
    private func keys(_ bytes: [UInt8]) -> String {
        var typed = TypedBytes()
        let keys = bytes.flatMap { typed.heard($0) } + typed.cutOff()
        var text = String.UnicodeScalarView()
        for case .character(let scalar) in keys { text.append(scalar) }
        return String(text)
    }

    @Test(arguments: ["give 5 µg then 10 mg", "Grüße, 漢字 😀", "e\u{301}", "\u{FFFD}"])
    func whatIsUTF8ComesAsItIs(_ text: String) {
        #expect(keys(Array(text.utf8)).unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    /// A dose that ends where the text was cut would be another dose.
    /// - Parameter bytes: Each as the character of its number.
    @Test(arguments: [
        ("give 5\u{B5}g then 10 mg", "give 5\u{FFFD}g then 10 mg"), ("caf\u{E9} 2 mg", "caf\u{FFFD} 2 mg"),
        ("\u{E9}", "\u{FFFD}"), ("\u{E2}\u{82}A", "\u{FFFD}A"), ("\u{C3}\u{C3}\u{A9}", "\u{FFFD}é"),
        ("\u{ED}\u{A0}\u{80}A", "\u{FFFD}A"), ("\u{C0}\u{FF}A", "\u{FFFD}\u{FFFD}A"),
    ])
    func whatIsNoneIsMarkedAndNothingBehindItIsLost(_ bytes: String, _ text: String) {
        #expect(keys(bytes.unicodeScalars.map { UInt8($0.value) }) == text)
    }

    @Test func keysThatAreNoCharactersAreThemselves() {
        var typed = TypedBytes()
        #expect(
            ([10, 13, 27, 8, 127, 9] as [UInt8]).flatMap { typed.heard($0) } == [
                .enter, .enter, .escape, .backspace, .backspace, .tab,
            ])
        // Enter behind half a character is still Enter.
        #expect(typed.heard(0xE9).isEmpty && typed.isWithinCharacter)
        #expect(typed.heard(13) == [.character("\u{FFFD}"), .enter])
        #expect(typed.heard(3) == [.character("\u{03}")])
    }
}
