import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// Opening is a parser of outside bytes too: of every mutation of sealed bytes, none opens but the bytes themselves.
@Suite struct SealingFuzzTests {
    private let file: JSONValue
    private let manifest: Manifest

    init() throws {
        file = try Vectors.load("protocol.json")
        let vector = try #require(file["statements"].array.first { $0["name"].string == "manifest" })
        manifest = try Manifest(parsing: vector["text"].utf8)
    }

    private func bytes(_ value: JSONValue) throws -> [UInt8] { try #require(Base64.decode(value.utf8)) }

    private func privateKey(_ name: String) throws -> EncapsulationPrivateKey {
        let prekey = try #require(file["prekeys"].array.first { $0["name"].string == name })
        return EncapsulationPrivateKey(
            x25519: X25519PrivateKey(SecretBytes(copying: try bytes(prekey["x25519-private"]))),
            mlkemSeed: SecretBytes(copying: try bytes(prekey["mlkem768-seed"])))
    }

    @Test func sealedKeys() throws {
        let vector = file["sealing"]["sealed-keys"].array[0]
        let key = try privateKey(vector["prekey"].string)
        let sealed = try bytes(vector["sealed"])
        let report = try Fuzzer(parser: "sealed-key", cost: 2).run { input in
            let opened = try? MessageOpener.openKey(
                input, with: key, binding: manifest.binding, commitments: .init(manifest))
            return opened == nil ? nil : sealed
        }
        #expect(report.findings.isEmpty)
    }

    @Test func sealedAttachments() throws {
        let key = MessageKey(SecretBytes(copying: try bytes(file["sealing"]["message-key"])))
        let sealed = try bytes(file["sealing"]["attachments"].array[1]["sealed"])
        let report = try Fuzzer(parser: "sealed-attachment", cost: 4).run { input in
            (try? AttachmentTests.open(input, index: 1, key: key, binding: manifest.binding)) == nil ? nil : sealed
        }
        #expect(report.findings.isEmpty)
    }

    @Test func sealedParts() throws {
        let key = MessageKey(SecretBytes(copying: try bytes(file["sealing"]["message-key"])))
        for part in ["content", "alert", "capsule"] {
            let sealed = try bytes(file["sealing"][part]["sealed"])
            let report = try Fuzzer(parser: "sealed-\(part)").run { input in
                let opened =
                    switch part {
                    case "content": try? MessageOpener.openContent(input, key: key, binding: manifest.binding)
                    case "alert": try? MessageOpener.openAlert(input, key: key, binding: manifest.binding)
                    default: try? MessageOpener.openCapsule(input, key: key, binding: manifest.binding)
                    }
                return opened == nil ? nil : sealed
            }
            #expect(report.findings.isEmpty)
        }
    }

    /// A page is written in one way; and whatever it says outside its seals, only the sealed bytes themselves open.
    @Test func pages() throws {
        let vector = file["sealing"]["sealed-keys"].array[0]
        let key = try privateKey(vector["prekey"].string)
        let (sealedKey, sealedAlert) = (try bytes(vector["sealed"]), try bytes(file["sealing"]["alert"]["sealed"]))
        let report = try Fuzzer(parser: "page", cost: 2).run { input in
            guard let page = Page(parsing: input), (try? page.openAlert(with: key)) != nil else { return nil }
            return Page(
                message: page.message, prekey: page.prekey, binding: manifest.binding, sealedKey: sealedKey,
                sealedAlert: sealedAlert)?.bytes
        }
        #expect(report.findings.isEmpty)
    }
}
