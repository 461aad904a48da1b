import FuzzSupport
import Secrets
import Statements
import Testing

/// The known answers of C2SP signed-note and of Go's golang.org/x/mod/sumdb/note.
@Suite struct NoteKeyTests {
    private static let exampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    private static let example =
        "This is an example message.\n\n— example.com/foo "
        + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

    @Test func theSpecificationsExampleVerifies() throws {
        let key = try #require(NoteKey(vkey: Self.exampleKey))
        #expect(key.name == "example.com/foo")
        #expect(key.id == 0x530D_903A)
        #expect(key.vkey == Self.exampleKey)
        let note = try SignedNote(parsing: Array(Self.example.utf8))
        #expect(note.bytes == Array(Self.example.utf8))
        #expect(throws: Never.self) { try note.verify(exactly: [key]) }
        #expect(!key.verifies(note.signatures[0], of: Array("This is an example message\n".utf8)))
    }

    @Test func unusedBitsOfTheSignatureMakeNoSecondNote() {
        // Go decodes "…aQM=" and "…aQN=" alike.
        for last in ["N", "O", "P"] {
            let changed = Self.example.replacing("aQM=", with: "aQ\(last)=")
            #expect(throws: StatementError(.malformed, part: "")) { try SignedNote(parsing: Array(changed.utf8)) }
        }
    }

    @Test func signsAsGoDoes() throws {
        // PRIVATE+KEY+PeterNeumann+c74f20a3+base64(01 ‖ seed), x/mod/sumdb/note.
        let signer = try #require(Base64.decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz".utf8))
        #expect(signer[0] == 1)
        let key = SigningKey(seed: SecretBytes(copying: Array(signer.dropFirst())))
        let text = Array(
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n".utf8
        )
        let note = SignedNote(text: text, signedBy: key, as: "PeterNeumann")
        let line =
            "— PeterNeumann "
            + "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        #expect(note.bytes == text + Array("\n\(line)".utf8))
        #expect(NoteKey(name: "PeterNeumann", key: key.verifyingKey).id == 0xC74F_20A3)
    }

    @Test(arguments: [
        "", "+", "++", "example.com/foo", "example.com/foo+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
        "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
        "example com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O",
    ]) func otherVerifierKeysAreRefused(_ vkey: String) { #expect(NoteKey(vkey: vkey) == nil) }

    /// A scalar that joins the "+" beside it to one character: in front of what follows (Prepend) or behind it (a mark).
    @Test(arguments: ["w\u{D4E}", "w\u{600}", "w\u{111C2}", "w\u{301}", "\u{301}w", "w\u{200D}"])
    func aNameMayEndInWhatJoinsThePlus(_ name: String) throws {
        let key = SigningKey(seed: SecretBytes(copying: Array(0..<32))).verifyingKey
        let note = NoteKey(name: name, key: key)
        #expect(NoteKey(vkey: note.vkey) == note)
        #expect(NoteKey(vkey: note.vkey)?.name.utf8.elementsEqual(name.utf8) == true)
        let witness = WitnessKey(name: name, key: key)
        #expect(WitnessKey(vkey: witness.vkey) == witness)
        // A mark behind a "+" belongs to what follows, and is no hex.
        #expect(NoteKey(vkey: note.vkey.replacing("+", with: "+\u{301}")) == nil)
    }

    @Test func ourKeysBearTheirIds() {
        let key = SigningKey(seed: SecretBytes(copying: Array(0..<32))).verifyingKey
        #expect(NoteKey(device: key).name == DeviceID(key: key).description)
        #expect(NoteKey(invitation: key).name == InvitationID(key: key).description)
        #expect(NoteKey(recovery: key).name == "recovery")
        // The name is hashed into the id: one key under two names signs two different lines.
        #expect(NoteKey(device: key).id != NoteKey(recovery: key).id)
    }
}
