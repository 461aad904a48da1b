import FuzzSupport
import Sealing
import Secrets
import Statements

extension ProtocolFile {
    var binding: JSONValue {
        ["text": text(SealedStory.bindingText.text), "hash": .string(SealedStory.bindingText.hash.hex)]
    }

    var alert: JSONValue {
        let alert = SealedStory.alert(sealed.binding)
        return [
            "sender": "device ivy", "at": .string(alert.at.description), "urgency": .string(alert.urgency.rawValue),
            "text": .string(alert.text.description), "signed-text": text(alert.signedText),
            "plaintext": text(SealedStory.alertPlaintext(sealed.binding)),
        ]
    }

    var sealing: JSONValue {
        let key = SealedStory.key
        let subkeys: [(key: String, value: JSONValue)] = [UInt64(1), 2, 3, 4, 5, 16, 17].map {
            ("\($0)", .string(Hex.encode(key.subkey($0).exposed())))
        }
        return [
            "message-key": binary(Fixed.seed("message key")), "subkeys": .object(subkeys),
            "commitment": .string(SealedStory.commitments.key.hex),
            "capsule-commitment": .string(SealedStory.commitments.capsule!.hex),
            "sealed-keys": .array(
                zip(SealedStory.sealer.recipients, sealed.parts.sealedKeys).map { recipient, sealedKey in
                    [
                        "prekey": .string(SealedStory.prekeys.first { $0.text.device == recipient.device }!.name),
                        "sealed": binary(sealedKey),
                    ]
                }),
            "recovery-sealed-key": binary(sealed.parts.recoverySealedKey),
            "audit-sealed-key": binary(sealed.parts.auditSealedKey),
            "content": ["plaintext": text(SealedStory.content), "sealed": binary(sealed.parts.content)],
            "alert": ["plaintext": "see alert", "sealed": binary(sealed.parts.alert)],
            "capsule": ["plaintext": text(SealedStory.capsule), "sealed": binary(sealed.parts.capsule)],
            "attachments": .array(
                zip(SealedStory.files, sealed.parts.attachments).map { file, sealed in
                    [
                        // The longer one's byte k is k mod 251.
                        "bytes": .integer(file.count), "sha256": .string(Digest.sha256(file).hex),
                        "sealed": binary(sealed),
                    ]
                }),
        ]
    }
}

extension SealedStory.Parts {
    /// What an earlier file holds; `nil` when it has another shape.
    init?(in file: JSONValue) {
        func bytes(_ value: JSONValue?) -> [UInt8]? {
            guard case .string(let text) = value else { return nil }
            return Base64.decode(text.utf8)
        }
        guard let sealing = file.optional("sealing"), case .array(let keys) = sealing.optional("sealed-keys"),
            let recovery = bytes(sealing.optional("recovery-sealed-key")),
            let audit = bytes(sealing.optional("audit-sealed-key")),
            let content = bytes(sealing.optional("content")?.optional("sealed")),
            let alert = bytes(sealing.optional("alert")?.optional("sealed")),
            let capsule = bytes(sealing.optional("capsule")?.optional("sealed")),
            case .array(let attachments) = sealing.optional("attachments")
        else { return nil }
        self.init(
            sealedKeys: keys.compactMap { bytes($0.optional("sealed")) }, recoverySealedKey: recovery,
            auditSealedKey: audit, content: content, alert: alert, capsule: capsule,
            attachments: attachments.compactMap { bytes($0.optional("sealed")) })
    }
}
