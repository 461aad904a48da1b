import Membership
import Secrets
import SignerSupport
import Statements

/// A manifest as an honest sender writes it; a test changes one field. The binding follows unless it is set.
struct ManifestDraft {
    var organisation: OrganisationID
    var seen: SeenBoth
    var message = MessageID.named("first")
    var sender: DeviceID
    var at: Timestamp
    var lifeSeconds: Int64 = 3_600
    var urgency = Urgency.urgent
    var member: MemberID
    var reference: Manifest.Reference?
    var recipients: [Manifest.Recipient]
    var without: [Manifest.Without] = []
    var recovery: Manifest.Recovery?
    var capsule: Manifest.Capsule?
    var alert = Manifest.Blob(size: ManifestRules.alertSize, hash: .of("alert"))
    var content = Manifest.Blob(size: 552, hash: .of("content"))
    var attachments: [Manifest.Blob] = []
    var binding: Digest?

    /// From one device to a member's live devices.
    init(_ practice: Practice, from sender: String, to member: String) {
        let view = practice.view
        organisation = practice.organisation
        seen = SeenBoth(roster: practice.seen, activity: practice.seen)
        self.sender = .named(sender)
        at = practice.now
        self.member = .named(member)
        recipients = view.liveDevices(of: .named(member)).map { Self.recipient($0.id) }
        recovery = view.recoveryKey.map { Manifest.Recovery(key: $0.id, sealedKeyHash: .of("recovery")) }
        capsule = view.auditKey.map { Self.capsule($0.id) }
    }

    static func recipient(_ device: DeviceID, step: UInt64 = 0, delay: UInt64 = 0) -> Manifest.Recipient {
        Manifest.Recipient(
            device: device, step: step, delaySeconds: delay, prekey: .named("\(device)"), sealedKeyHash: .of("key"))
    }

    static func capsule(_ key: PrekeyID, size: UInt64 = ManifestRules.capsuleSize) -> Manifest.Capsule {
        Manifest.Capsule(
            key: key, commitment: .of("commitment"), sealedKeyHash: .of("capsule key"),
            blob: Manifest.Blob(size: size, hash: .of("capsule")))
    }

    var manifest: Manifest {
        let draft = make(binding: .zero)
        return make(binding: binding ?? draft.bindingText.hash)
    }

    private func make(binding: Digest) -> Manifest {
        Manifest(
            organisation: organisation, seen: seen, message: message, sender: sender, at: at,
            expires: at.adding(seconds: lifeSeconds), urgency: urgency, member: member, reference: reference,
            commitment: .of("commit"), recipients: recipients, without: without, recovery: recovery, capsule: capsule,
            alert: alert, content: content, attachments: attachments, binding: binding)
    }
}
