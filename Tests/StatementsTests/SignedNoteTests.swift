import FuzzSupport
import Secrets
import Statements
import Testing

@Suite struct SignedNoteTests {
    private static let text = Array("a\nb\n".utf8)
    private static func key(_ byte: UInt8) -> SigningKey {
        SigningKey(seed: SecretBytes(copying: [UInt8](repeating: byte, count: 32)))
    }
    private static func noteKey(_ byte: UInt8) -> NoteKey { NoteKey(name: "key-\(byte)", key: key(byte).verifyingKey) }
    private static func line(_ byte: UInt8, _ text: [UInt8] = text) -> NoteSignature {
        SignedNote.signature(of: text, by: key(byte), as: "key-\(byte)")
    }

    @Test func comesBackWhole() throws {
        let note = SignedNote(text: Self.text, signatures: [Self.line(1), Self.line(2)])
        let parsed = try SignedNote(parsing: note.bytes)
        #expect(parsed == note)
        #expect(parsed.bytes == note.bytes)
        #expect(parsed.hash == Digest.sha256(Self.text))
        #expect(throws: Never.self) { try parsed.verify(exactly: [Self.noteKey(1), Self.noteKey(2)]) }
    }

    @Test func exactlyTheNeededSignaturesInTheirOrder() {
        let (one, two, three) = (Self.line(1), Self.line(2), Self.line(3))
        let keys = [Self.noteKey(1), Self.noteKey(2)]
        let wrong: [(String, [NoteSignature])] = [
            ("missing", [one]), ("none", []), ("extra", [one, two, three]),
            ("extra unknown in front", [three, one, two]),
            ("reordered", [two, one]), ("repeated", [one, one]), ("repeated and whole", [one, two, two]),
            ("another key", [one, three]), ("over another text", [one, Self.line(2, Array("c\n".utf8))]),
            ("another name", [one, NoteSignature(name: "key-4", keyID: two.keyID, bytes: two.bytes)]),
            ("another key id", [one, NoteSignature(name: two.name, keyID: two.keyID ^ 1, bytes: two.bytes)]),
            ("a longer signature", [one, NoteSignature(name: two.name, keyID: two.keyID, bytes: two.bytes + [0])]),
        ]
        for (comment, signatures) in wrong {
            #expect(throws: StatementError(.badSignature, part: ""), "\(comment)") {
                try SignedNote(text: Self.text, signatures: signatures).verify(exactly: keys)
            }
        }
    }

    @Test func everyChangedBitOfASignatureIsCaught() {
        let line = Self.line(1)
        for index in line.bytes.indices {
            var bytes = line.bytes
            bytes[index] ^= 0x10
            let changed = NoteSignature(name: line.name, keyID: line.keyID, bytes: bytes)
            #expect(!Self.noteKey(1).verifies(changed, of: Self.text))
        }
        #expect(!Self.noteKey(1).verifies(line, of: Self.text + [0x0A]))
    }

    @Test func textAndSignaturesPartAtTheLastEmptyLine() throws {
        // A text may have empty lines of its own, even what looks like signatures.
        let inner = SignedNote(text: Self.text, signatures: [Self.line(1)]).bytes
        for text in ["a\n\nb\n", "\n\n\n", "a\n\n"] {
            let note = SignedNote(text: Array(text.utf8), signatures: [Self.line(1, Array(text.utf8))])
            #expect(try SignedNote(parsing: note.bytes) == note)
        }
        let outer = SignedNote(text: inner, signatures: [Self.line(2, inner)])
        #expect(try SignedNote(parsing: outer.bytes).text == inner)
    }

    static let malformed: [(String, String)] = [
        ("empty", ""), ("a line feed", "\n"), ("two", "\n\n"), ("no signature", "a\n\n"),
        ("no text", "\n\n— k AAAAAAA=\n"),
        ("no empty line", "a\n— k AAAAAAA=\n"), ("no last line feed", "a\n\n— k AAAAAAA="),
        ("line feed behind", "a\n\n— k AAAAAAA=\n\n"), ("hyphen for the dash", "a\n\n- k AAAAAAA=\n"),
        ("no space behind the dash", "a\n\n—k AAAAAAA=\n"), ("two spaces", "a\n\n—  k AAAAAAA=\n"),
        ("two spaces inside", "a\n\n— k  AAAAAAA=\n"), ("space behind", "a\n\n— k AAAAAAA= \n"),
        ("no name", "a\n\n—  AAAAAAA=\n"), ("plus in the name", "a\n\n— k+k AAAAAAA=\n"),
        ("no-break space in the name", "a\n\n— k\u{A0}k AAAAAAA=\n"), ("no base64", "a\n\n— k !!!!\n"),
        ("no padding", "a\n\n— k AAAAAAA\n"), ("unused bits", "a\n\n— k AAAAAAB=\n"),
        ("key id alone", "a\n\n— k AAAAAA==\n"),
        ("nothing", "a\n\n— k \n"), ("tab in the text", "a\tb\n\n— k AAAAAAA=\n"), ("CR", "a\r\n\n— k AAAAAAA=\n"),
        ("CR behind a signature", "a\n\n— k AAAAAAA=\r\n"), ("NUL", "a\0\n\n— k AAAAAAA=\n"),
        ("escape", "\u{1B}[0m\n\n— k AAAAAAA=\n"), ("two base64", "a\n\n— k AAAAAAA= AAAAAAA=\n"),
    ]

    @Test(arguments: malformed) func otherFormsAreRefused(_ name: String, _ note: String) {
        #expect(throws: StatementError(.malformed, part: "")) { try SignedNote(parsing: Array(note.utf8)) }
    }

    @Test func theFormTheOthersVaryIsAccepted() throws {
        let note = try SignedNote(parsing: Array("a\n\n— k AAAAAAA=\n".utf8))
        #expect(note.signatures == [NoteSignature(name: "k", keyID: 0, bytes: [0])])
    }

    @Test(arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func onlyUTF8IsANote(_ bytes: [UInt8]) {
        let note = [0x61] + bytes + Array("\n\n— k AAAAAAA=\n".utf8)
        #expect(throws: StatementError(.malformed, part: "")) { try SignedNote(parsing: note) }
    }

    @Test func boundsHold() throws {
        let signature = Self.line(1)
        let empty = SignedNote(text: [0x0A], signatures: [signature]).bytes.count - 1
        let text = [UInt8](repeating: 0x61, count: SignedNote.maximumByteCount - empty - 1) + [0x0A]
        let largest = SignedNote(text: text, signatures: [signature])
        #expect(largest.bytes.count == 65_000)
        #expect(try SignedNote(parsing: largest.bytes) == largest)
        let larger = SignedNote(text: [0x61] + text, signatures: [signature])
        #expect(throws: StatementError(.tooLarge, part: "")) { try SignedNote(parsing: larger.bytes) }
        let many = SignedNote(
            text: Self.text, signatures: [NoteSignature](repeating: signature, count: SignedNote.maximumSignatureCount))
        #expect(try SignedNote(parsing: many.bytes) == many)
        let more = SignedNote(text: Self.text, signatures: many.signatures + [signature])
        #expect(throws: StatementError(.malformed, part: "")) { try SignedNote(parsing: more.bytes) }
    }

    @Test func namesAreComparedAsBytes() {
        // U+212A (Kelvin) is canonically equivalent to K: strings with them are equal, names are not.
        let key = Self.key(1).verifyingKey
        let plain = NoteKey(name: "K", key: key)
        let line = SignedNote.signature(of: Self.text, by: Self.key(1), as: "K")
        #expect(plain.verifies(line, of: Self.text))
        let disguised = NoteSignature(name: "\u{212A}", keyID: line.keyID, bytes: line.bytes)
        #expect(disguised.name == "K")
        #expect(!plain.verifies(disguised, of: Self.text))
    }

    @Test func keyNamesAreRestricted() {
        for name in ["dev-a", "example.com/foo", "recovery", "é", "a:1/b"] { #expect(SignedNote.isKeyName(name)) }
        for name in ["", "a b", "a+b", "a\u{3000}b", "a\nb", String(repeating: "a", count: 513)] {
            #expect(!SignedNote.isKeyName(name))
        }
    }
}
