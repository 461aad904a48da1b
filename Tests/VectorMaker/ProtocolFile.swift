import FuzzSupport
import Sealing
import Secrets
import Statements
import TransparencyLog

/// `protocol.json`: every section of it, in the order in which a reader meets the formats.
struct ProtocolFile {
    let story: Story
    let sealed: SealedStory

    init(keeping kept: SealedStory.Parts?) throws {
        sealed = try SealedStory(keeping: kept)
        story = Story(sealed)
    }

    private var statements: [StatementVector] {
        (story.roster.entries + story.activity.entries).map(\.vector) + story.loose
    }

    var json: JSONValue {
        [
            "about": [
                "Test vectors of the Nightbell protocol (Sources/Statements/Statements.docc/Protocol.md).",
                "Made by `swift run nightbell-vectors`; everything is deterministic but the sealed bytes, which are kept.",
                "Binary is standard base64, hashes are lower-case hex, times and ids are as in the texts, null is absent.",
                "A note is `text`, a line feed, and the lines of `signatures`, each with a line feed.",
            ],
            "keys": keys, "recovery": recovery, "audit": audit, "identifiers": identifiers, "invitations": invitations,
            "prekeys": prekeys, "statements": .array(statements.map(\.json)), "binding": binding, "alert": alert,
            "queries": queries, "sealing": sealing,
            "logs": ["roster": log(story.roster), "activity": log(story.activity)],
            "proofs": proofs, "consistency": consistency, "tiles": tiles, "queue": queue,
        ]
    }

    private var keys: JSONValue {
        let devices = ["ana", "max", "bo phone", "bo tablet", "ivy", "udo"].map { "device \($0)" }
        return .array(
            devices.map { name in key(name, NoteKey(device: Fixed.verifyingKey(name))) }
                + [story.roster, story.activity].map { log in key("\(log.kind.rawValue) log", log.key.key) })
    }

    private func key(_ name: String, _ key: NoteKey) -> JSONValue {
        [
            "name": .string(name), "seed": .string(Base64.encode(Fixed.seed(name))),
            "public": .string(Base64.encode(key.key.bytes)), "note-name": .string(key.name), "vkey": .string(key.vkey),
        ]
    }

    private var recovery: JSONValue {
        let recovery = Fixed.recoveryKey()
        return [
            "secret": .string(Base64.encode(Fixed.seed("recovery"))),
            "x25519-private": binary(recovery.encapsulation.secret().slice(0..<32).exposed()),
            "ed25519-seed": binary(recovery.signing.seed().exposed()),
            "mlkem768-seed": binary(recovery.encapsulation.secret().slice(32..<96).exposed()),
            "public": recovery.publicKey.fields,
            "vkey": .string(NoteKey(recovery: recovery.publicKey.signing).vkey),
        ]
    }

    private var audit: JSONValue { privateKey("audit key") }

    /// Questions of an auditor, hashed under what follows from the audit key.
    private var queries: JSONValue {
        let key = QueryKey(auditKey: Fixed.encapsulationKey("audit key"))
        let asked = [
            (AccessKind.patient, "mrn 4711-ü"), (.member, Fixed.member("bo").description),
            (.breach, Fixed.device("device bo phone").description),
        ]
        return .array(
            asked.map { kind, query in
                [
                    "org": .string(story.organisation.description), "kind": .string(kind.rawValue),
                    "query": .string(query),
                    "hash": .string(key.hash(of: Array(query.utf8), kind: kind, organisation: story.organisation).hex),
                ]
            })
    }

    private func privateKey(_ name: String) -> JSONValue {
        let key = Fixed.encapsulationKey(name)
        return [
            "x25519-private": binary(key.secret().slice(0..<32).exposed()),
            "mlkem768-seed": binary(key.secret().slice(32..<96).exposed()), "public": key.publicKey.fields,
        ]
    }

    private var identifiers: JSONValue {
        let member = Fixed.member("ana")
        return [
            "org": ["of": "statement genesis", "id": .string(story.organisation.description)],
            "member": ["bytes": binary(member.bytes), "id": .string(member.description)],
            "message": [
                "bytes": binary(SealedStory.message.bytes), "milliseconds": .integer(Int(SealedStory.at.milliseconds)),
                "id": .string(SealedStory.message.description),
            ],
            "order": .array(
                // ASCII order: 2–7 before a–z, which is not the order of the bytes.
                (0..<32).map { MemberID(bytes: [UInt8($0 << 3)] + [UInt8](repeating: 0, count: 9)) }.sorted()
                    .map { .string($0.description) }),
        ]
    }

    private var invitations: JSONValue {
        .array(
            ["device bo phone", "device bo tablet", "device ivy", "device udo"].map { device in
                let name = "invitation for \(device)"
                let text = InvitationKeys.text(name)
                let key = text.key()
                return [
                    "name": .string(name), "relay": .string(text.relay),
                    "org": .string(text.organisation.description), "secret": binary(Fixed.seed(name, 16)),
                    "text": .string(text.exposed()), "seed": binary(key.seed().exposed()),
                    "public": binary(key.verifyingKey.bytes),
                    "id": .string(InvitationID(key: key.verifyingKey).description),
                ]
            })
    }

    private var prekeys: JSONValue {
        .array(
            zip(SealedStory.prekeys, SealedStory.deviceKeys).map { prekey, device in
                let signed = SignedPrekey(prekey.text, signedBy: Fixed.signingKey(device))
                let key = Fixed.encapsulationKey(prekey.name)
                return [
                    "name": .string(prekey.name), "signer": .string(device),
                    "x25519-private": binary(key.secret().slice(0..<32).exposed()),
                    "mlkem768-seed": binary(key.secret().slice(32..<96).exposed()), "fields": prekey.text.fields,
                    "text": text(signed.text), "id": .string(signed.id.description),
                    "signature": binary(signed.signature),
                ]
            })
    }
}

/// How bytes and texts stand in the file.
func binary(_ bytes: [UInt8]) -> JSONValue { .string(Base64.encode(bytes)) }
func text(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: bytes, as: UTF8.self)) }
