import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// `sealing.json`, made by an implementation in another language that shares no code with this one.
@Suite struct IndependentVectorTests {
    private static let file = try! Vectors.load("sealing.json")
    static let names = file["envelopes"].array.map(\.["name"].string)

    private func envelope(_ name: String) throws -> JSONValue {
        try #require(Self.file["envelopes"].array.first { $0["name"].string == name })
    }

    @Test func theRecoveryKeyIsReproduced() throws {
        let vector = Self.file["recovery"]
        let key = RecoveryKey(secret: SecretBytes(copying: try bytes(vector["secret"])))
        let secret = key.encapsulation.secret().exposed()
        #expect(Array(secret[..<32]) == (try bytes(vector["x25519_private"])))
        #expect(Array(secret[32...]) == (try bytes(vector["mlkem768_seed"])))
        let seed = key.signing.seed().exposed()
        #expect(seed == (try bytes(vector["ed25519_seed"])))
        #expect(key.publicKey.encapsulation.x25519 == (try bytes(vector["x25519_public"])))
        #expect(key.publicKey.encapsulation.mlkem768 == (try bytes(vector["mlkem768_public"])))
        #expect(key.publicKey.signing.bytes == (try bytes(vector["ed25519_public"])))
        #expect(key.publicKey.id.description == vector["id"].string)
    }

    @Test func allVectorsAreThere() {
        #expect(Self.names.count == 15)
        #expect(Self.file["suite"].integer == Int(Manifest.suite))
        let expectations = Self.file["envelopes"].array.map(\.["expect"].string)
        #expect(Set(expectations) == ["ok", "commitment", "seal", "content", "padding"])
    }

    @Test(arguments: names) func theBindingTextIsReproduced(_ name: String) throws {
        let vector = try envelope(name)
        let text = vector["binding_text"].string
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        func fields(_ key: String) -> [[String]] { lines.filter { $0[0] == key }.map { Array($0.dropFirst()) } }
        let recipients = fields("to").map {
            BindingText.Recipient(device: DeviceID($0[0])!, prekey: PrekeyID($0[1])!)
        }
        let capsule = fields("capsule")[0]
        let binding = BindingText(
            organisation: try #require(OrganisationID(fields("org")[0][0])),
            message: try #require(MessageID(vector["message"].string)),
            sender: try #require(DeviceID(fields("sender")[0][0])),
            commitment: try #require(Digest(hex: fields("commit")[0][0].utf8)), recipients: recipients,
            recovery: PrekeyID(fields("recovery")[0][0]),
            capsule: capsule.count == 1
                ? nil : .init(key: PrekeyID(capsule[0])!, commitment: Digest(hex: capsule[1].utf8)!))
        #expect(binding.text == Array(text.utf8))
        #expect(binding.hash.hex == vector["binding"].string)
        // Recipients stand in the order of their ids as texts.
        #expect(recipients.map(\.device) == recipients.map(\.device).sorted())
        #expect(
            recipients.map { "\($0.device) \($0.prekey)" }
                == vector["to"].array.map { "\($0["device"].string) \($0["prekey"].string)" })
    }

    @Test(arguments: names) func subkeysAndCommitmentsAreReproduced(_ name: String) throws {
        let vector = try envelope(name)
        let key = MessageKey(SecretBytes(copying: try bytes(vector["K"])))
        for (id, hex) in vector["subkeys"].members {
            let subkey = key.subkey(try #require(UInt64(id))).exposed()
            #expect(Hex.encode(subkey) == hex.string)
        }
        #expect(key.commitment().hex == vector["subkeys"]["4"].string)
        #expect(vector["binding_text"].string.contains("\ncommit \(key.commitment().hex)\n"))
    }

    @Test(arguments: names) func publicKeysAreReproduced(_ name: String) throws {
        for recipient in try envelope(name)["to"].array {
            let key = try privateKey(recipient)
            #expect(key.publicKey.x25519 == (try bytes(recipient["x25519_public"])))
            #expect(key.publicKey.mlkem768 == (try bytes(recipient["mlkem768_public"])))
        }
        for holder in ["recovery", "audit"] {
            guard let vector = try envelope(name).optional(holder) else { continue }
            let id = try privateKey(vector).publicKey.id
            #expect(id.description == vector["key_id"].string)
        }
    }

    /// The first recipient opens everything, or is refused for the reason that the file gives.
    @Test(arguments: names) func theFirstRecipientOpensOrRefuses(_ name: String) throws {
        let vector = try envelope(name)
        #expect(try outcome(of: vector, for: vector["to"].array[0]) == vector["expect"].string)
    }

    /// A fault in one recipient's sealed key leaves the others'; one in the content is everybody's.
    @Test(arguments: names) func theOtherRecipientsFare(_ name: String) throws {
        let vector = try envelope(name)
        let isOnesOwn = ["ok", "commitment", "seal"].contains(vector["expect"].string)
        for recipient in vector["to"].array.dropFirst() {
            #expect(try outcome(of: vector, for: recipient) == (isOnesOwn ? "ok" : vector["expect"].string))
        }
    }

    @Test(arguments: names) func recoveryOpensWhatIsSound(_ name: String) throws {
        let vector = try envelope(name)
        guard let recovery = vector.optional("recovery") else { return }
        let isOnesOwn = ["ok", "commitment", "seal"].contains(vector["expect"].string)
        #expect(try outcome(of: vector, for: recovery) == (isOnesOwn ? "ok" : vector["expect"].string))
    }

    @Test(arguments: names) func theAuditKeyOpensTheCapsuleAndNothingElse(_ name: String) throws {
        let vector = try envelope(name)
        guard let audit = vector.optional("audit") else { return }
        let (binding, commitments) = try bindingAndCommitments(vector)
        let sealedKey = try bytes(audit["sealed_key"])
        let capsule = try bytes(vector["capsule"])
        let opened = try MessageOpener.openCapsule(
            capsule, sealedKey: sealedKey, with: privateKey(audit), binding: binding,
            commitment: try #require(commitments.capsule))
        #expect(opened == (try bytes(vector["capsule_plain"])))
        #expect(throws: SealingError(.commitment)) {
            try MessageOpener.openCapsule(
                capsule, sealedKey: sealedKey, with: privateKey(audit), binding: binding, commitment: .zero)
        }
        // Subkey 3 is no message key.
        #expect(throws: SealingError(.commitment)) {
            _ = try MessageOpener.openKey(
                sealedKey, with: privateKey(audit), binding: binding, commitments: commitments)
        }
    }

    /// Pages of faulty envelopes were made before the fault.
    @Test(arguments: names) func aPageIsReproducedAndOpens(_ name: String) throws {
        let vector = try envelope(name)
        let bytes = try bytes(vector["page"])
        let page = try #require(Page(parsing: bytes))
        #expect(page.bytes == bytes)
        let first = vector["to"].array[0]
        #expect(page.message.description == vector["message"].string)
        #expect(page.prekey.description == first["prekey"].string)
        #expect(page.binding.hex == vector["binding"].string)
        #expect(try page.openAlert(with: privateKey(first)) == self.bytes(vector["alert_plain"]))
        guard vector["expect"].string == "ok" else { return }
        let made = Page(
            message: page.message, prekey: page.prekey, binding: page.binding,
            sealedKey: try self.bytes(first["sealed_key"]),
            sealedAlert: try self.bytes(vector["alert"]))
        #expect(made == page)
    }

    // MARK: Opening

    private func bytes(_ value: JSONValue) throws -> [UInt8] { try #require(Base64.decode(value.utf8)) }

    private func privateKey(_ vector: JSONValue) throws -> EncapsulationPrivateKey {
        var secret = try bytes(vector["x25519_private"]) + bytes(vector["mlkem768_seed"])
        return EncapsulationPrivateKey(secret: SecretBytes(moving: &secret))!
    }

    private func bindingAndCommitments(_ vector: JSONValue) throws -> (Digest, MessageOpener.Commitments) {
        let lines = vector["binding_text"].string.split(separator: "\n").map { $0.split(separator: " ") }
        let commit = try #require(lines.first { $0[0] == "commit" })[1]
        let capsule = try #require(lines.first { $0[0] == "capsule" })
        return (
            try #require(Digest(hex: vector["binding"].utf8)),
            MessageOpener.Commitments(
                key: try #require(Digest(hex: commit.utf8)),
                capsule: capsule.count == 3 ? Digest(hex: capsule[2].utf8) : nil)
        )
    }

    /// `ok` when all parts open and are what was sealed, or the reason of the first that does not.
    private func outcome(of vector: JSONValue, for recipient: JSONValue) throws -> String {
        let (binding, commitments) = try bindingAndCommitments(vector)
        do {
            let key = try MessageOpener.openKey(
                try bytes(recipient["sealed_key"]), with: privateKey(recipient), binding: binding,
                commitments: commitments)
            #expect(key.duplicate().exposed() == (try bytes(vector["K"])))
            let content = try MessageOpener.openContent(try bytes(vector["content"]), key: key, binding: binding)
            #expect(content == (try bytes(vector["content_plain"])))
            let alert = try MessageOpener.openAlert(try bytes(vector["alert"]), key: key, binding: binding)
            #expect(alert == (try bytes(vector["alert_plain"])))
            if let capsule = vector.optional("capsule") {
                let opened = try MessageOpener.openCapsule(try bytes(capsule), key: key, binding: binding)
                #expect(opened == (try bytes(vector["capsule_plain"])))
            }
            return "ok"
        } catch let error as SealingError {
            return error.code.rawValue
        }
    }
}
