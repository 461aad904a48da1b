import Foundation
import Membership
import Secrets
import Statements
import TransparencyLog

/// The logs of a group of practices: every signature is real, every rule is kept, and nothing is sealed.
///
/// A message comes every quarter of an hour, day and night, so that two million entries are about six years. It goes to the
/// two devices of one of twenty doctors: served to both, pushed to every second one, delivered on both, read, acknowledged,
/// closed; one of twenty is answered by nobody, one of ten got a fallback prekey.
final class AuditLogMaker {
    /// A device, its key and its receipts so far.
    private final class Device {
        let key = SigningKey()
        let id: DeviceID
        let member: MemberID
        var number: UInt64 = 0
        var last: Digest?

        init(of member: MemberID) {
            id = DeviceID(key: key.verifyingKey)
            self.member = member
        }
    }

    private struct Message {
        let id: MessageID
        let manifest: Digest
        let expires: Timestamp
        let devices: [Device]
    }

    private enum Deed {
        case receipt(ReceiptAction, Device)
        case pushed(Device)
        case unanswered
    }

    private struct Step {
        let time: Timestamp
        let message: Message
        let deed: Deed
    }

    static let messageSeconds: Int64 = 900
    private static let doctorCount = 20
    private static let deskCount = 4
    private static let lifeSeconds: Int64 = 12 * 3_600

    let roster: GrowingLogFiles
    let activity: GrowingLogFiles
    private var projection: Roster
    private var now = Timestamp(Array("2026-11-23T03:07:09.250Z".utf8))!
    private let founder: Device
    private var doctors: [[Device]] = []
    private var desks: [Device] = []
    /// By time, the latest first.
    private var steps: [Step] = []
    private var nextMessage: Timestamp
    private(set) var messageCount = 0

    init(in folder: String) throws {
        founder = Device(of: .random())
        let rosterKey = SigningKey()
        let activityKey = SigningKey()
        let genesis = Genesis(
            name: TextValue(typed: "Group")!, relay: "relay.test:8443", rosterKey: rosterKey.verifyingKey,
            activityKey: activityKey.verifyingKey, at: now,
            members: [.init(id: founder.member, name: TextValue(typed: "Founder")!)],
            admins: [
                .init(
                    member: founder.member, key: founder.key.verifyingKey, platform: Platform("linux".utf8)!,
                    label: TextValue(typed: "laptop")!)
            ], recovery: nil, quorum: 1, policy: Policy())
        roster = try GrowingLogFiles(
            folder + "/roster", origin: genesis.origin(of: .roster), key: rosterKey)
        activity = try GrowingLogFiles(
            folder + "/activity", origin: genesis.origin(of: .activity), key: activityKey)
        let note = SignedNote(text: genesis.text, signedBy: founder.key, as: founder.id.description)
        let entry = Entry(time: now, body: note.bytes)
        projection = try Roster(genesis: entry)
        nextMessage = now
        try roster.append(entry)
        try putInForce()
        for number in 0..<Self.doctorCount {
            doctors.append(try join("Doctor \(number)", .provider, devices: 2))
        }
        for devices in doctors {
            let phone = devices.min { $0.id < $1.id }!.id
            for change in [SubscriptionChange.added, .proven] { try log(.subscription(phone, .webPush, change)) }
        }
        for number in 0..<Self.deskCount { desks += try join("Desk \(number)", .intake, devices: 1) }
        nextMessage = now.adding(seconds: 60)
        try roster.publish()
    }

    /// Lets the group work until the activity log has at least so many entries.
    func grow(to size: UInt64) throws {
        while activity.size < size {
            if let step = steps.last, step.time <= nextMessage {
                steps.removeLast()
                now = step.time
                try perform(step)
            } else {
                now = nextMessage
                nextMessage = nextMessage.adding(seconds: Self.messageSeconds)
                try send()
            }
        }
        try activity.publish()
    }

    // MARK: Roster

    private func putInForce() throws { try log(.roster(size: roster.size, root: roster.tree.root)) }

    private func commit(_ statement: some StatementText, by signatures: [NoteSignature]) throws {
        let entry = Entry(time: now, body: SignedNote(text: statement.text, signatures: signatures).bytes)
        try projection.append(entry)
        try roster.append(entry)
        try putInForce()
    }

    private func signature(_ statement: some StatementText, by device: Device) -> NoteSignature {
        SignedNote.signature(of: statement.text, by: device.key, as: device.id.description)
    }

    private func join(_ name: String, _ role: Role, devices count: Int) throws -> [Device] {
        let member = MemberID.random()
        let joined = MemberStatement(
            organisation: projection.organisation, seen: roster.checkpoint.seen, at: now, replaces: nil,
            member: member, name: TextValue(typed: name)!, roles: [role], status: .active)
        try commit(joined, by: [signature(joined, by: founder)])
        var devices: [Device] = []
        for number in 0..<count {
            let key = SigningKey()
            let invitation = InvitationStatement(
                organisation: projection.organisation, seen: roster.checkpoint.seen, at: now, member: member,
                key: key.verifyingKey, expires: now.adding(seconds: 86_400))
            try commit(invitation, by: ([founder] + devices.prefix(1)).map { signature(invitation, by: $0) })
            now = now.adding(seconds: 5)
            let device = Device(of: member)
            let enrol = EnrolStatement(
                organisation: projection.organisation, seen: roster.checkpoint.seen, at: now, member: member,
                invitation: InvitationID(key: key.verifyingKey), key: device.key.verifyingKey,
                platform: Platform("linux".utf8)!, label: TextValue(typed: "device \(number)")!)
            let invited = SignedNote.signature(
                of: enrol.text, by: key, as: InvitationID(key: key.verifyingKey).description)
            try commit(enrol, by: [signature(enrol, by: device), invited])
            devices.append(device)
        }
        return devices
    }

    // MARK: Activity

    private var seen: SeenBoth { SeenBoth(roster: roster.checkpoint.seen, activity: activity.checkpoint.seen) }

    private func log(_ kind: RelayEvent.Kind) throws {
        try activity.append(
            Entry(time: now, body: RelayEvent(organisation: projection.organisation, kind: kind).text))
    }

    private func prekey() -> PrekeyID { PrekeyID(bytes: randomBytes(PrekeyKind.byteCount)) }
    private func hash() -> Digest { Digest(randomBytes(Digest.byteCount))! }

    private func send() throws {
        messageCount += 1
        let sender = desks[messageCount % desks.count]
        let devices = doctors[messageCount % doctors.count].sorted { $0.id < $1.id }
        let id = MessageID.make(at: now)
        if messageCount.isMultiple(of: 10) { try log(.fallback(devices[0].id, id, prekey())) }
        let recipients = devices.map {
            Manifest.Recipient(device: $0.id, step: 0, delaySeconds: 0, prekey: prekey(), sealedKeyHash: hash())
        }
        let commitment = hash()
        let expires = now.adding(seconds: Self.lifeSeconds)
        let binding = BindingText(
            organisation: projection.organisation, message: id, sender: sender.id, commitment: commitment,
            recipients: recipients.map { .init(device: $0.device, prekey: $0.prekey) }, recovery: nil, capsule: nil)
        let manifest = Manifest(
            organisation: projection.organisation, seen: seen, message: id, sender: sender.id, at: now,
            // A message that nobody answers is no urgent one: it is not paged again and again.
            expires: expires, urgency: messageCount.isMultiple(of: 20) ? .routine : .urgent, member: devices[0].member,
            reference: nil, commitment: commitment,
            recipients: recipients, without: [], recovery: nil, capsule: nil,
            alert: .init(size: ManifestRules.alertSize, hash: hash()), content: .init(size: 2_088, hash: hash()),
            binding: binding.hash)
        let note = SignedNote(text: manifest.text, signatures: [signature(manifest, by: sender)])
        try activity.append(Entry(time: now, body: note.bytes))
        for device in devices { try log(.served(device.id, id, .envelope)) }
        plan(Message(id: id, manifest: note.hash, expires: expires, devices: devices))
    }

    /// What will become of a message.
    private func plan(_ message: Message) {
        let (phone, desk) = (message.devices[0], message.devices[1])
        func add(_ seconds: Int64, _ deed: Deed) {
            let step = Step(time: now.adding(seconds: seconds), message: message, deed: deed)
            let place = steps.firstIndex { $0.time < step.time } ?? steps.count
            steps.insert(step, at: place)
        }
        if messageCount.isMultiple(of: 2) { add(1, .pushed(phone)) }
        add(3, .receipt(.delivered, phone))
        add(4, .receipt(.delivered, desk))
        guard !messageCount.isMultiple(of: 20) else { return add(Self.lifeSeconds, .unanswered) }
        add(40, .receipt(.read, phone))
        add(70, .receipt(.acknowledged, phone))
        add(3_000, .receipt(.closed, desk))
    }

    private func perform(_ step: Step) throws {
        switch step.deed {
        case .pushed(let device): try log(.pushed(device.id, step.message.id, .webPush, attempt: 1, .accepted))
        case .unanswered: try log(.unanswered(step.message.id))
        case .receipt(let action, let device): try receipt(action, of: step.message, by: device)
        }
    }

    private func receipt(_ action: ReceiptAction, of message: Message, by device: Device) throws {
        device.number += 1
        let receipt = Receipt(
            organisation: projection.organisation, seen: seen, message: message.id, manifest: message.manifest,
            device: device.id, action: action, reason: ReceiptReason.permitted(for: action)[0],
            capsule: nil, at: now, number: device.number, previous: device.last, steps: hash())
        let note = SignedNote(text: receipt.text, signatures: [signature(receipt, by: device)])
        device.last = note.hash
        try activity.append(Entry(time: now, body: note.bytes))
    }
}
