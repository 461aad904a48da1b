import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// The sealed message of `protocol.json`: every holder opens its part.
@Suite struct ProtocolVectorTests {
    private let file: JSONValue
    private let manifest: Manifest

    init() throws {
        file = try Vectors.load("protocol.json")
        let vector = try #require(file["statements"].array.first { $0["name"].string == "manifest" })
        manifest = try Manifest(parsing: vector["text"].utf8)
    }

    private var sealing: JSONValue { file["sealing"] }
    private func bytes(_ value: JSONValue) throws -> [UInt8] { try #require(Base64.decode(value.utf8)) }
    private func privateKey(_ vector: JSONValue) throws -> EncapsulationPrivateKey {
        EncapsulationPrivateKey(
            x25519: X25519PrivateKey(SecretBytes(copying: try bytes(vector["x25519-private"]))),
            mlkemSeed: SecretBytes(copying: try bytes(vector["mlkem768-seed"])))
    }

    private func expectOpens(_ sealedKey: [UInt8], with key: borrowing EncapsulationPrivateKey) throws {
        let opened = try MessageOpener.openKey(
            sealedKey, with: key, binding: manifest.binding, commitments: .init(manifest))
        #expect(opened.duplicate().exposed() == (try bytes(sealing["message-key"])))
        let content = try MessageOpener.openContent(
            try bytes(sealing["content"]["sealed"]), key: opened, binding: manifest.binding)
        #expect(content == sealing["content"]["plaintext"].utf8)
        let alert = try MessageOpener.openAlert(
            try bytes(sealing["alert"]["sealed"]), key: opened, binding: manifest.binding)
        #expect(alert == file["alert"]["plaintext"].utf8)
        let capsule = try MessageOpener.openCapsule(
            try bytes(sealing["capsule"]["sealed"]), key: opened, binding: manifest.binding)
        #expect(capsule == sealing["capsule"]["plaintext"].utf8)
    }

    @Test func everyRecipientOpensEverything() throws {
        let prekeys = file["prekeys"].array
        for (vector, recipient) in zip(sealing["sealed-keys"].array, manifest.recipients) {
            let prekey = try #require(prekeys.first { $0["name"].string == vector["prekey"].string })
            #expect(prekey["id"].string == recipient.prekey.description)
            let sealedKey = try bytes(vector["sealed"])
            #expect(sealedKey.count == SealedKey.byteCount)
            #expect(Digest.sha256(sealedKey) == recipient.sealedKeyHash)
            let key = try privateKey(prekey)
            #expect(key.publicKey == (try PrekeyText(parsing: prekey["text"].utf8)).key)
            try expectOpens(sealedKey, with: key)
        }
        #expect(manifest.recipients.count == 2)
    }

    @Test func recoveryOpensEverything() throws {
        let vector = file["recovery"]
        let recovery = RecoveryKey(secret: SecretBytes(copying: try bytes(vector["secret"])))
        #expect(recovery.publicKey.fields == vector["public"])
        #expect(recovery.publicKey.id == manifest.recovery?.key)
        let sealedKey = try bytes(sealing["recovery-sealed-key"])
        #expect(Digest.sha256(sealedKey) == manifest.recovery?.sealedKeyHash)
        try expectOpens(sealedKey, with: recovery.encapsulation)
        let fromParts = try privateKey(vector)
        #expect(fromParts.publicKey == recovery.publicKey.encapsulation)
    }

    @Test func theAuditorOpensTheCapsule() throws {
        let key = try privateKey(file["audit"])
        let capsule = try #require(manifest.capsule)
        #expect(key.publicKey.id == capsule.key)
        #expect(capsule.commitment.hex == sealing["capsule-commitment"].string)
        let sealed = try bytes(sealing["capsule"]["sealed"])
        #expect(Manifest.Blob(of: sealed) == capsule.blob)
        let opened = try MessageOpener.openCapsule(
            sealed, sealedKey: try bytes(sealing["audit-sealed-key"]), with: key, binding: manifest.binding,
            commitment: capsule.commitment)
        #expect(opened == sealing["capsule"]["plaintext"].utf8)
    }

    @Test func everyAttachmentOpensInItsPlace() throws {
        let key = MessageKey(SecretBytes(copying: try bytes(sealing["message-key"])))
        let vectors = sealing["attachments"].array
        #expect(vectors.count == 2)
        #expect(manifest.attachments.count == vectors.count)
        for (index, vector) in vectors.enumerated() {
            let sealed = try bytes(vector["sealed"])
            #expect(Manifest.Blob(of: sealed) == manifest.attachments[index])
            let file = try AttachmentTests.open(sealed, index: index, key: key, binding: manifest.binding)
            #expect(JSONValue.integer(file.count) == vector["bytes"])
            #expect(Digest.sha256(file).hex == vector["sha256"].string)
            #expect(throws: SealingError(.attachment)) {
                try AttachmentTests.open(sealed, index: 1 - index, key: key, binding: manifest.binding)
            }
        }
        #expect(Attachment.chunkCount(sealedByteCount: manifest.attachments[0].size) == 2)
    }

    @Test func subkeysAndHashesAreTheFiles() throws {
        let key = MessageKey(SecretBytes(copying: try bytes(sealing["message-key"])))
        for (id, hex) in sealing["subkeys"].members {
            let subkey = key.subkey(try #require(UInt64(id))).exposed()
            #expect(Hex.encode(subkey) == hex.string)
        }
        #expect(key.commitment() == manifest.commitment)
        #expect(Manifest.Blob(of: try bytes(sealing["content"]["sealed"])) == manifest.content)
        #expect(Manifest.Blob(of: try bytes(sealing["alert"]["sealed"])) == manifest.alert)
        #expect(manifest.binding.hex == file["binding"]["hash"].string)
    }
}
