import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// An organisation and its relay: Ana and Max administer, Ivy takes calls, Bo has a phone and a tablet, Udo audits.
///
/// Everything is done as an honest relay would do it; a test does one thing otherwise. The queues are computed here a
/// second time, from what was put into them, not from the log.
final class World {
    static let start = Timestamp(Array("2026-11-23T03:07:09.250Z".utf8))!

    let genesis: Genesis
    let roster: TestLog
    let activity: TestLog
    var now = World.start
    /// The projection that signers read; a dishonest relay's activity log may be behind it.
    private(set) var projection: Roster
    /// What waits for each device.
    var waiting: [DeviceID: [Sent]] = [:]
    /// Each device's queue as the relay keeps it: number and running hash.
    var queues: [DeviceID: (number: UInt64, hash: Digest)] = [:]
    var chains: [DeviceID: (number: UInt64, last: Digest?)] = [:]
    /// What the relay keeps of each message for auditors.
    var capsules: [MessageID: (sealedKey: [UInt8], capsule: [UInt8])] = [:]
    let auditKey = EncapsulationPrivateKey.named("audit")

    /// - Parameter isFounded: Without it, the activity log does not hold the first event.
    init(isFounded: Bool = true) {
        var policy = Policy()
        policy.maximumLifespanSeconds = 30 * 86_400
        let admins = ["ana", "max"]
        genesis = Genesis(
            name: .words("Practice"), relay: "relay.test:8443", rosterKey: Signer.key("roster log").verifyingKey,
            activityKey: Signer.key("activity log").verifyingKey, at: now,
            members: admins.map { .init(id: .named($0), name: .words($0)) },
            admins: admins.map {
                .init(
                    member: .named($0), key: Signer.device($0).key.verifyingKey, platform: Platform("linux".utf8)!,
                    label: .words("\($0)'s laptop"))
            }, recovery: nil, quorum: 2, policy: policy)
        roster = TestLog(.roster, origin: genesis.origin(of: .roster))
        activity = TestLog(.activity, origin: genesis.origin(of: .activity))
        let entry = Entry(time: now, body: SignedNote(genesis.text, by: World.quorum).bytes)
        projection = try! Roster(genesis: entry)
        roster.append(entry)
        if isFounded { putInForce() }
    }

    /// The organisation with everybody in it and an audit key.
    static func practice() -> World {
        let world = World()
        world.join("ivy", roles: [.intake])
        world.join("bo", roles: [.provider])
        world.enrol("tablet", of: "bo")
        world.join("udo", roles: [.auditor])
        world.setAuditKey()
        world.wait(seconds: 60)
        return world
    }

    static let quorum: [Signer] = [.device("ana"), .device("max")]
        .sorted { DeviceID($0.noteName)! < DeviceID($1.noteName)! }

    var organisation: OrganisationID { genesis.organisation }
    var view: RosterView { projection.view(at: now) }
    var rosterSeen: Seen { roster.checkpoint.seen }
    var seen: SeenBoth { SeenBoth(roster: roster.checkpoint.seen, activity: activity.checkpoint.seen) }

    func wait(seconds: Int64) { now = now.adding(seconds: seconds) }

    // MARK: Roster

    /// A batch of the roster log without its event.
    func hide(_ statement: some StatementText, by signers: [Signer]) {
        let entry = Entry(time: now, body: SignedNote(statement.text, by: signers).bytes)
        try! projection.append(entry)
        roster.append(entry)
    }

    /// The event that the roster log's batch needs.
    @discardableResult
    func putInForce() -> UInt64 { log(.roster(size: roster.size, root: roster.root)) }

    func commit(_ statement: some StatementText, by signers: [Signer]) {
        hide(statement, by: signers)
        putInForce()
    }

    func member(
        _ name: String, roles: Set<Role>, status: MemberStatus = .active, at: Timestamp? = nil
    ) -> MemberStatement {
        MemberStatement(
            organisation: organisation, seen: rosterSeen, at: at ?? now,
            replaces: view.member(.named(name))?.statement, member: .named(name), name: .words(name), roles: roles,
            status: status)
    }

    func join(_ name: String, roles: Set<Role>) {
        let isGuarded = !roles.isDisjoint(with: [.auditor, .gateway])
        commit(member(name, roles: roles), by: isGuarded ? Self.quorum : [.device("ana")])
        enrol(name, of: name)
    }

    func enrol(_ device: String, of member: String) {
        let hasDevice = !view.liveDevices(of: .named(member)).isEmpty
        commit(
            InvitationStatement(
                organisation: organisation, seen: rosterSeen, at: now, member: .named(member),
                key: Signer.invitation(device).key.verifyingKey, expires: now.adding(seconds: 86_400)),
            by: hasDevice ? [.device("ana"), .device(member)] : [.device("ana")])
        wait(seconds: 5)
        commit(
            EnrolStatement(
                organisation: organisation, seen: rosterSeen, at: now, member: .named(member),
                invitation: .named(device), key: Signer.device(device).key.verifyingKey,
                platform: Platform("linux".utf8)!, label: .words(device)),
            by: [.device(device), .invitation(device)])
    }

    private func setAuditKey() {
        commit(
            AdminsStatement(
                organisation: organisation, seen: rosterSeen, at: now, replaces: view.adminsStatement,
                admins: view.adminDevices, quorum: 2, audit: auditKey.publicKey, recovery: nil), by: Self.quorum)
    }

    func revocation(_ device: String) -> RevokeStatement {
        RevokeStatement(
            organisation: organisation, seen: rosterSeen, at: now, target: .device(.named(device)),
            reason: .words("left on a train"))
    }

    /// Revokes, and gives up what waits.
    func revoke(_ device: String) {
        commit(revocation(device), by: [.device("ana")])
        for sent in waiting.removeValue(forKey: .named(device)) ?? [] {
            let index = log(.undeliverable(.named(device), sent.message, .revoked))
            notify(sent, of: index)
        }
    }

    // MARK: Activity

    /// Logs an event.
    @discardableResult
    func log(_ kind: RelayEvent.Kind, salt: String = "", organisation: OrganisationID? = nil) -> UInt64 {
        let event = RelayEvent(
            organisation: organisation ?? self.organisation, kind: kind,
            salt: Array(Digest.of("\(salt) \(activity.size)").bytes.prefix(RelayEvent.saltByteCount)))
        return activity.append(Entry(time: now, body: event.text))
    }

    /// An entry becomes an item of a device's queue.
    func enqueue(_ index: UInt64, for device: DeviceID) {
        let queue = queues[device] ?? (0, .zero)
        let leaf = MerkleTree.leafHash(activity.entries[Int(index)])
        queues[device] = (queue.number + 1, Digest.sha256(queue.hash.bytes + leaf.bytes))
    }

    /// An entry about a message goes to the devices of its sender, and of the senders of what it carries on.
    func notify(_ sent: Sent, of index: UInt64) {
        for member in Set(sent.senders) {
            for device in view.liveDevices(of: member) { enqueue(index, for: device.id) }
        }
    }

    // MARK: What the relay says and shows

    func head(for device: String? = nil) -> Head {
        let queue = device.flatMap { queues[.named($0)] } ?? (0, .zero)
        return Head(
            organisation: organisation, time: now, roster: .init(size: roster.size, root: roster.root),
            activity: .init(size: activity.size, root: activity.root),
            device: device.map {
                Head.DeviceState(
                    device: .named($0), waiting: 0, lastNumber: queue.number, runningHash: queue.hash, oneTimeLeft: 7)
            })
    }

    var source: MemorySource {
        MemorySource(
            checkpoints: [.roster: roster.checkpoint.note.bytes, .activity: activity.checkpoint.note.bytes],
            entries: [.roster: roster.entries, .activity: activity.entries])
    }

    /// - Parameter opening: Whether capsules are opened; a manifest whose binding is wrong would be told twice.
    func audit(
        heads: [Head] = [], isPresent: Bool = true, opening: Bool = true,
        change: (inout MemorySource) -> Void = { _ in }
    ) async throws -> AuditVerdict {
        var audit = Audit()
        audit.organisation = organisation
        audit.detail = .all
        audit.heads = heads.map { activity.sign($0) }
        audit.isPresent = isPresent
        var source = source
        change(&source)
        return opening ? try await audit.run(source, capsules: self) : try await audit.run(source)
    }
}

extension World: CapsuleSource {
    func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? { capsules[message] }

    func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result? { id == auditKey.publicKey.id ? body(auditKey) : nil }
}
