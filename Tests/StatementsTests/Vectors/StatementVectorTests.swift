import FuzzSupport
import Secrets
import Statements
import Testing

/// `protocol.json`: each text is read to its fields and written to its bytes, each signature made again.
@Suite struct StatementVectorTests {
    private let file: JSONValue
    /// By the name that the file gives it.
    private let keys: [String: (note: NoteKey, seed: [UInt8])]

    init() throws {
        file = try Vectors.load("protocol.json")
        var keys: [String: (note: NoteKey, seed: [UInt8])] = [:]
        for key in file["keys"].array {
            keys[key["name"].string] = (
                try #require(NoteKey(vkey: key["vkey"].string)), try #require(Base64.decode(key["seed"].utf8))
            )
        }
        for invitation in file["invitations"].array {
            let seed = try #require(Base64.decode(invitation["seed"].utf8))
            let key = try #require(Base64.decode(invitation["public"].utf8).flatMap(VerifyingKey.init))
            keys[invitation["name"].string] = (NoteKey(invitation: key), seed)
        }
        let recovery = file["recovery"]
        keys["recovery"] = (
            try #require(NoteKey(vkey: recovery["vkey"].string)),
            try #require(Base64.decode(recovery["ed25519-seed"].utf8))
        )
        self.keys = keys
    }

    @Test func keysFollowFromTheirSeeds() throws {
        for key in file["keys"].array {
            let (note, seed) = try #require(keys[key["name"].string])
            let signing = SigningKey(seed: SecretBytes(copying: seed))
            #expect(Base64.encode(signing.verifyingKey.bytes) == key["public"].string)
            #expect(note.name == key["note-name"].string)
            #expect(note.vkey == key["vkey"].string)
            if note.name.hasPrefix("dev-") { #expect(NoteKey(device: signing.verifyingKey) == note) }
        }
    }

    @Test func statementsAreReadAndWritten() throws {
        let readers = Dictionary(uniqueKeysWithValues: StatementCase.all.map { ("nightbell.\($0.name)/v1", $0) })
        var types: Set<String> = []
        for vector in file["statements"].array {
            let text = vector["text"].utf8
            let reader = try #require(readers[vector["type"].string])
            #expect(try reader.fields(text) == vector["fields"], "\(vector["name"].string)")
            #expect(try reader.rewrite(text) == text)
            #expect(Digest.sha256(text).hex == vector["hash"].string)
            types.insert(reader.name)
        }
        #expect(types == Set(StatementCase.all.map(\.name)).subtracting(["prekey"]))
    }

    @Test func everyFormOfAStatementIsThere() throws {
        let names = Set(file["statements"].array.map(\.["name"].string))
        for action in ReceiptAction.allCases { #expect(names.contains("receipt \(action.rawValue)")) }
        for subject in ["patient", "message", "device", "report"] { #expect(names.contains("access \(subject)")) }
        for target in ["device", "invitation", "statement"] { #expect(names.contains("revoke \(target)")) }
        let events = file["statements"].array.filter { $0["type"].string == "nightbell.event/v1" }
        let kinds = events.map { $0["fields"]["kind"].string }
        #expect(
            Set(kinds) == ["roster", "served", "undeliverable", "fallback", "unanswered", "pushed", "subscription"])
    }

    @Test func notesCarryTheSignaturesOfTheirSigners() throws {
        var verified = 0
        for vector in file["statements"].array where !vector["signers"].array.isEmpty {
            let text = vector["text"].utf8
            let lines = vector["signatures"].array.map(\.string)
            let note = try SignedNote(parsing: text + Array(("\n" + lines.map { $0 + "\n" }.joined()).utf8))
            #expect(note.text == text)
            let signers = try vector["signers"].array.map { try #require(keys[$0.string]) }
            #expect(throws: Never.self) { try note.verify(exactly: signers.map(\.note)) }
            // Ed25519 is deterministic: signing again gives the same note.
            let again = signers.map { signer in
                SignedNote.signature(
                    of: text, by: SigningKey(seed: SecretBytes(copying: signer.seed)), as: signer.note.name)
            }
            #expect(SignedNote(text: text, signatures: again).bytes == note.bytes)
            verified += 1
        }
        #expect(verified > 20)
    }

    @Test func identifiersFollowFromWhatTheyName() throws {
        let identifiers = file["identifiers"]
        let genesis = try #require(file["statements"].array.first { $0["name"].string == "genesis" })
        let organisation = OrganisationID(genesisText: genesis["text"].utf8)
        #expect(organisation.description == identifiers["org"]["id"].string)
        #expect(try Genesis(parsing: genesis["text"].utf8).organisation == organisation)
        for (kind, parse) in [
            ("member", { MemberID(bytes: $0).description }), ("message", { MessageID(bytes: $0).description }),
        ] as [(String, ([UInt8]) -> String)] {
            let bytes = try #require(Base64.decode(identifiers[kind]["bytes"].utf8))
            #expect(parse(bytes) == identifiers[kind]["id"].string)
        }
        let message = try #require(MessageID(identifiers["message"]["id"].string))
        #expect(
            message.bytes.prefix(6).reduce(0) { $0 << 8 | Int($1) } == identifiers["message"]["milliseconds"].integer)
        let order = identifiers["order"].array.compactMap { MemberID($0.string) }
        #expect(order.count == 32)
        #expect(order == order.shuffled().sorted())
    }

    @Test func invitationsAreReadAndGiveTheirKeys() throws {
        for vector in file["invitations"].array {
            let text = try InvitationText(parsing: vector["text"].string)
            #expect(text.relay == vector["relay"].string)
            #expect(text.organisation.description == vector["org"].string)
            #expect(text.exposed() == vector["text"].string)
            let key = text.key()
            #expect(Base64.encode(key.seed().exposed()) == vector["seed"].string)
            #expect(Base64.encode(key.verifyingKey.bytes) == vector["public"].string)
            #expect(InvitationID(key: key.verifyingKey).description == vector["id"].string)
            let secret = SecretBytes(copying: try #require(Base64.decode(vector["secret"].utf8)))
            let made = InvitationText(relay: text.relay, organisation: text.organisation, secret: secret)
            #expect(made.exposed() == vector["text"].string)
        }
    }

    @Test func prekeysAreReadAndTheirSignaturesHold() throws {
        for vector in file["prekeys"].array {
            let text = vector["text"].utf8
            let signature = try #require(Base64.decode(vector["signature"].utf8))
            let signer = try #require(keys[vector["signer"].string])
            let prekey = try SignedPrekey(text: text, signature: signature, key: signer.note.key)
            #expect(prekey.prekey.fields == vector["fields"])
            #expect(prekey.prekey.text == text)
            #expect(prekey.id.description == vector["id"].string)
            #expect(
                SignedPrekey(prekey.prekey, signedBy: SigningKey(seed: SecretBytes(copying: signer.seed))).signature
                    == signature)
            let stranger = try #require(keys["device udo"])
            #expect(throws: StatementError(.badSignature, part: "")) {
                try SignedPrekey(text: text, signature: signature, key: stranger.note.key)
            }
            var changed = signature
            changed[0] ^= 1
            #expect(throws: StatementError(.badSignature, part: "")) {
                try SignedPrekey(text: text, signature: changed, key: signer.note.key)
            }
        }
    }

    @Test func theAlertIsReadAndItsSignatureHolds() throws {
        let vector = file["alert"]
        let manifest = try Manifest(
            parsing: try #require(file["statements"].array.first { $0["name"].string == "manifest" })["text"].utf8)
        let parsed = try AlertText.parse(
            vector["plaintext"].utf8, organisation: manifest.organisation, message: manifest.message,
            binding: manifest.binding)
        #expect(parsed.alert.signedText == vector["signed-text"].utf8)
        #expect(parsed.alert.text.description == vector["text"].string)
        #expect(parsed.alert.at.description == vector["at"].string)
        #expect(parsed.alert.urgency.rawValue == vector["urgency"].string)
        let sender = try #require(keys[vector["sender"].string])
        #expect(parsed.alert.sender == DeviceID(key: sender.note.key))
        #expect(sender.note.key.isValid(signature: parsed.signature, for: parsed.alert.signedText))
    }

    @Test func theManifestGivesTheBinding() throws {
        let manifest = try Manifest(
            parsing: try #require(file["statements"].array.first { $0["name"].string == "manifest" })["text"].utf8)
        #expect(manifest.bindingText.text == file["binding"]["text"].utf8)
        #expect(manifest.bindingText.hash.hex == file["binding"]["hash"].string)
        #expect(manifest.binding == manifest.bindingText.hash)
    }
}
