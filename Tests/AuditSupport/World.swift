package import Auditing
package import Membership
package import Sealing
package import Secrets
package import SignerSupport
package import Statements
import TransparencyLog

/// An organisation and its relay: Ana and Max administer, Ivy takes calls, Bo has a phone and a tablet, Udo audits.
///
/// Everything is done as an honest relay would do it; a test does one thing otherwise. The queues are computed here a
/// second time, from what was put into them, not from the log.
package final class World {
    package static let start = Timestamp(Array("2026-11-23T03:07:09.250Z".utf8))!

    package let genesis: Genesis
    package let roster: TestLog
    package let activity: TestLog
    package var now = World.start
    /// The projection that signers read; a dishonest relay's activity log may be behind it.
    package private(set) var projection: Roster
    /// What waits for each device.
    package var waiting: [DeviceID: [Sent]] = [:]
    /// Each device's queue as the relay keeps it: number and running hash.
    package var queues: [DeviceID: (number: UInt64, hash: Digest)] = [:]
    package var chains: [DeviceID: (number: UInt64, last: Digest?)] = [:]
    /// What the relay keeps of each message for auditors.
    package var capsules: [MessageID: (sealedKey: [UInt8], capsule: [UInt8])] = [:]
    package let auditKey = EncapsulationPrivateKey.named("audit")
    /// Messages that nobody has answered, by expiry: an honest relay says so in time.
    package var open: [Sent] = []
    /// What was sealed, for stories that are told again.
    let sealed: SealedStock

    /// - Parameters:
    ///   - isFounded: Without it, the activity log does not hold the first event.
    ///   - sealed: Messages that were sealed before, under the same names.
    package init(isFounded: Bool = true, sealed: SealedStock = SealedStock()) {
        self.sealed = sealed
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

    /// The same organisation at the same moment; from here on, two histories.
    package init(_ other: World) {
        genesis = other.genesis
        roster = TestLog(other.roster)
        activity = TestLog(other.activity)
        now = other.now
        projection = other.projection
        waiting = other.waiting
        queues = other.queues
        chains = other.chains
        capsules = other.capsules
        open = other.open
        sealed = other.sealed
    }

    /// The organisation with everybody in it and an audit key.
    package static func practice(sealed: SealedStock = SealedStock()) -> World {
        let world = World(sealed: sealed)
        world.populate()
        return world
    }

    /// Everybody joins, and the audit key is set.
    package func populate() {
        join("ivy", roles: [.intake])
        join("bo", roles: [.provider])
        enrol("tablet", of: "bo")
        join("udo", roles: [.auditor])
        commit(admins(), by: Self.quorum)
        wait(seconds: 60)
    }

    package static let quorum: [Signer] = [.device("ana"), .device("max")]
        .sorted { DeviceID($0.noteName)! < DeviceID($1.noteName)! }

    package var organisation: OrganisationID { genesis.organisation }
    package var view: RosterView { projection.view(at: now) }
    package var rosterSeen: Seen { roster.checkpoint.seen }
    package var seen: SeenBoth { SeenBoth(roster: roster.checkpoint.seen, activity: activity.checkpoint.seen) }

    package func wait(seconds: Int64) { now = now.adding(seconds: seconds) }

    // MARK: Roster

    /// A batch of the roster log without its event.
    package func hide(_ statement: some StatementText, by signers: [Signer]) {
        let entry = Entry(time: now, body: SignedNote(statement.text, by: signers).bytes)
        try! projection.append(entry)
        roster.append(entry)
    }

    /// The event that the roster log's batch needs.
    @discardableResult
    package func putInForce() -> UInt64 { log(.roster(size: roster.size, root: roster.root)) }

    /// A batch of the roster log that breaks a rule: it changes nothing, and stands there.
    @discardableResult
    package func force(_ statement: some StatementText, by signers: [Signer]) -> UInt64 {
        force(Entry(time: now, body: SignedNote(statement.text, by: signers).bytes))
    }

    @discardableResult
    package func force(_ entry: Entry) -> UInt64 {
        let index = roster.append(entry)
        projection.passOver(leafHash: entry.leafHash, time: entry.time)
        putInForce()
        return index
    }

    package func commit(_ statement: some StatementText, by signers: [Signer]) {
        hide(statement, by: signers)
        putInForce()
    }

    package func member(
        _ name: String, roles: Set<Role>, status: MemberStatus = .active, at: Timestamp? = nil
    ) -> MemberStatement {
        MemberStatement(
            organisation: organisation, seen: rosterSeen, at: at ?? now,
            replaces: view.member(.named(name))?.statement, member: .named(name), name: .words(name), roles: roles,
            status: status)
    }

    package func join(_ name: String, roles: Set<Role>) {
        let isGuarded = !roles.isDisjoint(with: [.auditor, .gateway])
        commit(member(name, roles: roles), by: isGuarded ? Self.quorum : [.device("ana")])
        enrol(name, of: name)
    }

    package func enrol(_ device: String, of member: String) {
        let hasDevice = !view.liveDevices(of: .named(member)).isEmpty
        // An admin invites a device of its own alone.
        let admin = view.isAdmin(.named(member)) ? member : "ana"
        let signers = hasDevice && admin != member ? [admin, member] : [admin]
        commit(invitation(device, of: member), by: signers.map { .device($0) })
        wait(seconds: 5)
        commit(enrolment(device, of: member), by: [.device(device), .invitation(device)])
    }

    package func invitation(_ device: String, of member: String, lifeSeconds: Int64 = 86_400) -> InvitationStatement {
        InvitationStatement(
            organisation: organisation, seen: rosterSeen, at: now, member: .named(member),
            key: Signer.invitation(device).key.verifyingKey, expires: now.adding(seconds: lifeSeconds))
    }

    /// - Parameter invitation: The name of the invitation, if it is not the device's.
    package func enrolment(
        _ device: String, of member: String, invitation: String? = nil, label: String? = nil
    ) -> EnrolStatement {
        EnrolStatement(
            organisation: organisation, seen: rosterSeen, at: now, member: .named(member),
            invitation: .named(invitation ?? device), key: Signer.device(device).key.verifyingKey,
            platform: Platform("linux".utf8)!, label: .words(label ?? device))
    }

    /// The `admins` statement in force, but for what a caller changes.
    package func admins(
        _ devices: [DeviceID: MemberID]? = nil, quorum: UInt64 = 2, replaces: Digest? = nil,
        audit: EncapsulationKey? = nil, recovery: RecoveryPublicKey? = nil, witnesses: WitnessPolicy? = nil
    ) -> AdminsStatement {
        AdminsStatement(
            organisation: organisation, seen: rosterSeen, at: now, replaces: replaces ?? view.adminsStatement,
            admins: devices ?? view.adminDevices, quorum: quorum, audit: audit ?? auditKey.publicKey,
            recovery: recovery ?? view.recoveryKey, witnesses: witnesses ?? view.witnesses)
    }

    package func revocation(_ device: String, seen: Seen? = nil) -> RevokeStatement {
        RevokeStatement(
            organisation: organisation, seen: seen ?? rosterSeen, at: now, target: .device(.named(device)),
            reason: .words("left on a train"))
    }

    /// Revokes, and gives up what waits.
    package func revoke(_ device: String) {
        commit(revocation(device), by: [.device("ana")])
        for sent in waiting.removeValue(forKey: .named(device)) ?? [] {
            let index = log(.undeliverable(.named(device), sent.message, .revoked))
            notify(sent, of: index)
        }
    }

    // MARK: Activity

    /// Logs an event.
    @discardableResult
    package func log(_ kind: RelayEvent.Kind, salt: String = "", organisation: OrganisationID? = nil) -> UInt64 {
        let event = RelayEvent(
            organisation: organisation ?? self.organisation, kind: kind,
            salt: Array(Digest.of("\(salt) \(activity.size)").bytes.prefix(RelayEvent.saltByteCount)))
        return activity.append(Entry(time: now, body: event.text))
    }

    /// An entry becomes an item of a device's queue.
    package func enqueue(_ index: UInt64, for device: DeviceID) {
        let queue = queues[device] ?? (0, .zero)
        let leaf = MerkleTree.leafHash(activity.entries[Int(index)])
        queues[device] = (queue.number + 1, Digest.sha256(queue.hash.bytes + leaf.bytes))
    }

    /// An entry about a message goes to the devices of its sender, and of the senders of what it carries on.
    package func notify(_ sent: Sent, of index: UInt64) {
        for member in Set(sent.senders) {
            for device in view.liveDevices(of: member) { enqueue(index, for: device.id) }
        }
    }

    // MARK: What the relay says and shows

    package func head(for device: String? = nil) -> Head {
        let queue = device.flatMap { queues[.named($0)] } ?? (0, .zero)
        return Head(
            organisation: organisation, time: now, roster: .init(size: roster.size, root: roster.root),
            activity: .init(size: activity.size, root: activity.root),
            device: device.map {
                Head.DeviceState(
                    device: .named($0), waiting: UInt64(waiting[.named($0)]?.count ?? 0), lastNumber: queue.number,
                    runningHash: queue.hash, oneTimeLeft: 7)
            })
    }

    package var source: MemorySource {
        MemorySource(
            checkpoints: [.roster: roster.checkpoint.note.bytes, .activity: activity.checkpoint.note.bytes],
            entries: [.roster: roster.entries, .activity: activity.entries])
    }

    /// - Parameter opening: Whether capsules are opened; a manifest whose binding is wrong would be told twice.
    package func audit(
        heads: [Head] = [], isPresent: Bool = true, opening: Bool = true, now: Timestamp? = nil,
        change: (inout MemorySource) -> Void = { _ in }
    ) async throws -> AuditVerdict {
        var audit = Audit()
        audit.organisation = organisation
        audit.detail = .all
        audit.heads = heads.map { activity.sign($0) }
        audit.isPresent = isPresent
        audit.now = now
        var source = source
        change(&source)
        return opening ? try await audit.run(source, capsules: self) : try await audit.run(source)
    }
}

extension World: CapsuleSource {
    package func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? {
        capsules[message]
    }

    package func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result? { id == auditKey.publicKey.id ? body(auditKey) : nil }
}
