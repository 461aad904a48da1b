import Membership
import RelayAPI
import Sealing
import Secrets
import Statements
import TransparencyLog

extension RawDevice {
    /// The roster, replayed.
    func roster() async throws -> Roster {
        let entries = try await statements(of: .roster)
        var roster = try Roster(genesis: entries[0], organisation: organisation)
        for entry in entries.dropFirst() { try roster.append(entry) }
        return roster
    }

    /// Both checkpoints, as statements name them.
    func seen() async throws -> SeenBoth {
        SeenBoth(roster: try await checkpoint(of: .roster).seen, activity: try await checkpoint(of: .activity).seen)
    }

    /// Claims prekeys and seals a text to every device of a member: an envelope that the relay accepts.
    /// - Parameter attachments: What the manifest names; whoever calls has uploaded them.
    func envelope(
        to name: String, saying text: String, attachments: [Manifest.Blob] = []
    ) async throws -> Envelope {
        let view = try await roster().view(at: .now())
        guard let member = TextValue(typed: name).flatMap({ view.member(named: $0) }) else {
            throw PreparationFailed("no member \(name)")
        }
        let message = MessageID.make(at: .now())
        let devices = view.liveDevices(of: member.id)
        let body = APIJSON.encode(
            ClaimRequest(message: message.description, devices: devices.map(\.id.description)))
        let claimed = try await send("POST", APIPath.claims(organisation), body: body).shape(ClaimAnswer.self)
        let recipients = try zip(claimed.prekeys, devices).map { claimed, device in
            guard let shape = claimed.prekey, let signature = Base64.decode(Array(shape.signature.utf8)) else {
                throw PreparationFailed("no prekey of \(device.id)")
            }
            let signed = try SignedPrekey(text: Array(shape.text.utf8), signature: signature, key: device.key)
            return MessageSealer.Recipient(device: device.id, step: 0, delaySeconds: 0, prekey: signed.prekey)
        }
        let now = Timestamp.now()
        let sealer = MessageSealer(
            organisation: organisation, message: message, sender: device, recipients: recipients,
            recovery: view.recoveryKey?.encapsulation, audit: view.auditKey)
        let content = Array("{\"schema\":\"nightbell.text/1\",\"text\":\"\(text)\"}".utf8)
        let capsule = Array("{\"sha256\":\"\(Digest.sha256(content).hex)\"}".utf8)
        let parts = try sealer.seal(content: content, capsule: capsule, key: MessageKey()) { binding in
            let alert = AlertText(
                organisation: organisation, message: message, sender: device, binding: binding, at: now,
                urgency: .urgent, text: TextValue(typed: text) ?? TextValue(typed: "text")!)
            return alert.plaintext(signature: key.signature(for: alert.signedText))
        }
        let manifest = Manifest(
            organisation: organisation, seen: try await seen(), message: message, sender: device, at: now,
            expires: now.adding(seconds: 3_600), urgency: .urgent, member: member.id, reference: nil,
            commitment: parts.commitment, recipients: parts.manifestRecipients, without: [],
            recovery: parts.manifestRecovery, capsule: parts.manifestCapsule, alert: Manifest.Blob(of: parts.alert),
            content: Manifest.Blob(of: parts.content), attachments: attachments, binding: parts.binding)
        return try Envelope(
            note: SignedNote(text: manifest.text, signedBy: key, as: keyID), manifest: manifest,
            sealedKeys: parts.sealedKeys, recoverySealedKey: parts.recoverySealedKey,
            capsuleSealedKey: parts.capsule?.sealedKey, alert: parts.alert, capsule: parts.capsule?.blob,
            content: parts.content)
    }

    /// Uploads sealed bytes, in one piece.
    /// - Returns: How the manifest names them.
    @discardableResult
    func upload(_ bytes: [UInt8], named hash: Digest? = nil) async throws -> (blob: Manifest.Blob, answer: RawAnswer) {
        let blob = Manifest.Blob(of: bytes)
        let answer = try await send(
            "PUT", APIPath.blob(organisation, hash ?? blob.hash), query: "offset=0&size=\(bytes.count)", body: bytes)
        return (blob, answer)
    }
}
