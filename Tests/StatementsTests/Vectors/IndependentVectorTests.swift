import FuzzSupport
import Secrets
import Statements
import Testing

/// `sealing.json`, made by an implementation that shares no code with this one: identifiers, a note line, an invitation.
@Suite struct IndependentVectorTests {
    private let file: JSONValue

    init() throws { file = try Vectors.load("sealing.json") }

    @Test func identifiersAndANoteLineAreReproduced() throws {
        let vector = file["identifiers"]
        let key = SigningKey(seed: SecretBytes(copying: try #require(Base64.decode(vector["signing_seed"].utf8))))
        #expect(Base64.encode(key.verifyingKey.bytes) == vector["signing_public"].string)
        #expect(DeviceID(key: key.verifyingKey).description == vector["device"].string)
        let noteKey = NoteKey(device: key.verifyingKey)
        #expect(String(noteKey.id, radix: 16) == vector["note_key_id"].string)
        let note = SignedNote(text: vector["note_text"].utf8, signedBy: key, as: noteKey.name)
        let line = vector["note_signature_line"].string
        let expected = vector["note_text"].string + "\n" + (line.hasSuffix("\n") ? line : line + "\n")
        #expect(note.bytes == Array(expected.utf8))
        #expect(throws: Never.self) { try SignedNote(parsing: Array(expected.utf8)).verify(exactly: [noteKey]) }
    }

    @Test func theInvitationIsReproduced() throws {
        let vector = file["invitation"]
        let organisation = try #require(OrganisationID(vector["org"].string))
        let parsed = try InvitationText(parsing: vector["text"].string)
        #expect(parsed.organisation == organisation)
        #expect(parsed.exposed() == vector["text"].string)
        #expect(Base64.encode(parsed.key().seed().exposed()) == vector["seed"].string)
        #expect(Base64.encode(parsed.key().verifyingKey.bytes) == vector["public"].string)
        #expect(InvitationID(key: parsed.key().verifyingKey).description == vector["id"].string)
        let secret = SecretBytes(copying: try #require(Base64.decode(vector["secret"].utf8)))
        let made = InvitationText(relay: parsed.relay, organisation: organisation, secret: secret)
        #expect(made.exposed() == vector["text"].string)
    }
}
