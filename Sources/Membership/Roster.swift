public import Secrets
public import Statements
public import TransparencyLog

/// The roster: a pure function of a prefix of the roster log and an instant.
///
/// Relay, client and auditor all build it with ``init(genesis:)`` and ``append(_:)``, which check every rule; nobody
/// believes another's word about it. It keeps the whole history, so that ``view(size:at:)`` answers for any prefix:
/// what was valid when logged stays valid.
public struct Roster: Sendable {
    /// The organisation's first statement.
    public let genesis: Genesis
    public let organisation: OrganisationID
    /// How many entries were replayed.
    public private(set) var size: UInt64 = 0
    /// Time of the last entry.
    public private(set) var lastTime: Timestamp

    private var tree = GrowingTree()
    private var statementHashes: Set<Digest> = []
    private var usedKeys: Set<VerifyingKey> = []
    private var members: [MemberID: [MemberVersion]] = [:]
    private var namesNow: [TextValue: MemberID] = [:]
    private var devices: [DeviceID: Device] = [:]
    private var deviceOrder: [DeviceID] = []
    private var devicesOfMember: [MemberID: [DeviceID]] = [:]
    private var invitations: [InvitationID: Invitation] = [:]
    private var adminVersions: [AdminVersion] = []
    private var auditKeys = KeyTimeline<EncapsulationKey>(nil)
    private var recoveryKeys: KeyTimeline<RecoveryPublicKey>
    /// Both halves of every audit key, and of every recovery key, that was ever named: each has one purpose, for ever.
    private var auditHalves: Set<[UInt8]> = []
    private var recoveryHalves: Set<[UInt8]> = []

    struct MemberVersion: Sendable {
        let place: UInt64
        let time: Timestamp
        let name: TextValue
        let roles: Set<Role>
        let status: MemberStatus
        let statement: Digest
    }

    struct AdminVersion: Sendable {
        let place: UInt64
        let admins: [DeviceID: MemberID]
        let quorum: UInt64
        let statement: Digest
        let witnesses: WitnessPolicy
        let time: Timestamp
    }

    /// Begins with the log's first entry.
    /// - Parameter organisation: The id that the caller knows from its invitation; the genesis must hash to it.
    /// - Throws: ``RuleViolation``.
    public init(genesis entry: Entry, organisation: OrganisationID) throws(RuleViolation) {
        let (statement, note) = try Self.parse(entry)
        guard case .genesis(let genesis) = statement, genesis.organisation == organisation else {
            throw RuleViolation(.wrongOrganisation, "the first entry is not this organisation's genesis")
        }
        self.genesis = genesis
        self.organisation = organisation
        lastTime = entry.time
        recoveryKeys = KeyTimeline(genesis.recovery)
        try ClockRules.check(at: genesis.at, entryTime: entry.time, signatures: note.signatures.count)
        try found(genesis, note: note, time: entry.time)
        finish(entry, note.hash)
    }

    /// Begins with a genesis whose id is taken from itself: for a relay that accepts it, and for an auditor of an export.
    public init(genesis entry: Entry) throws(RuleViolation) {
        guard case .genesis(let genesis) = try Self.parse(entry).statement else {
            throw RuleViolation(.wrongOrganisation, "the first entry is not a genesis")
        }
        try self.init(genesis: entry, organisation: genesis.organisation)
    }

    /// The key of a log.
    public func logKey(_ log: LogKind) -> LogKey {
        LogKey(origin: genesis.origin(of: log), key: log == .roster ? genesis.rosterKey : genesis.activityKey)
    }

    /// The root of the roster log.
    public var root: Digest { tree.root }

    /// The root of the first `size` entries.
    public func root(size: UInt64) -> Digest? { size <= self.size ? try? tree.root(size: size) : nil }

    /// The hash of a complete subtree: every hash of the roster log is kept.
    public func hash(of subtree: Subtree) throws(LogError) -> Digest { try tree.hash(of: subtree) }

    /// The consistency proof between two prefixes, for whoever must show one.
    public func consistencyProof(from first: UInt64, to second: UInt64) -> [Digest]? {
        guard first <= second, second <= size else { return nil }
        return try? tree.consistencyProof(from: first, to: second)
    }

    /// The inclusion proof of an entry in the first `size`.
    public func inclusionProof(index: UInt64, size: UInt64) -> [Digest]? {
        guard index < size, size <= self.size else { return nil }
        return try? tree.inclusionProof(index: index, size: size)
    }

    /// The roster after the first `size` entries, at an instant.
    public func view(size: UInt64, at time: Timestamp) -> RosterView {
        precondition(size >= 1 && size <= self.size)
        return RosterView(roster: self, size: size, time: time)
    }

    /// The roster now, at an instant.
    public func view(at time: Timestamp) -> RosterView { view(size: size, at: time) }

    // MARK: Append

    /// Replays one more entry, checking every rule.
    /// - Parameter seenIsSigned: Whether the log's signature on what a signer had seen is true; by default it is verified.
    /// - Returns: What the entry holds.
    /// - Throws: ``RuleViolation``; the roster is then as it was.
    @discardableResult public mutating func append(
        _ entry: Entry, seenIsSigned: ((Seen) -> Bool)? = nil
    ) throws(RuleViolation) -> (statement: RosterStatement, note: SignedNote) {
        let (statement, note) = try Self.parse(entry)
        // Decided on a view, and performed after the view is gone: else every append would copy the history.
        let change = try decide(statement, note: note, entry: entry, seenIsSigned: seenIsSigned)
        perform(change, time: entry.time)
        finish(entry, note.hash)
        return (statement, note)
    }

    /// Counts an entry that ``append(_:seenIsSigned:)`` refused, and lets it change nothing: for whoever must read the
    /// rest of a log that breaks a rule. A client or relay stops there instead.
    /// - Parameter time: The entry's; `nil` when it has none that can be read. Later entries are held against it.
    public mutating func passOver(leafHash: Digest, time: Timestamp?) {
        tree.append(leafHash)
        size += 1
        lastTime = time ?? lastTime
    }

    static func parse(
        _ entry: Entry
    ) throws(RuleViolation) -> (statement: RosterStatement, note: SignedNote) {
        do {
            let note = try SignedNote(parsing: entry.body)
            return (try RosterStatement(parsing: note.text), note)
        } catch {
            switch error.code {
            case .unknownType, .unsupported:
                throw RuleViolation(.unknownType, "a later version wrote this statement: update nightbell")
            default: throw RuleViolation(.malformed, "\(error)")
            }
        }
    }

    private mutating func finish(_ entry: Entry, _ hash: Digest) {
        statementHashes.insert(hash)
        tree.append(entry.leafHash)
        size += 1
        lastTime = entry.time
    }

    private func decide(
        _ statement: RosterStatement, note: SignedNote, entry: Entry, seenIsSigned: ((Seen) -> Bool)?
    ) throws(RuleViolation) -> Change {
        guard statement.organisation == organisation else {
            throw RuleViolation(.wrongOrganisation, "the statement is of another organisation")
        }
        guard let seen = statement.seen else { throw RuleViolation(.duplicate, "a second genesis") }
        guard entry.time >= lastTime else { throw RuleViolation(.timeOrder, "entry times decrease") }
        guard !statementHashes.contains(note.hash) else {
            throw RuleViolation(.duplicate, "the statement is in the log already")
        }
        try ClockRules.check(at: statement.at, entryTime: entry.time, signatures: note.signatures.count)
        guard seenIsSigned?(seen) ?? logKey(.roster).verifies(seen) else {
            throw RuleViolation(.seenUnsigned, "seen roster is not signed by this log")
        }
        guard root(size: seen.size) == seen.root else {
            throw RuleViolation(.seenContradicts, "seen roster is signed and is not a prefix of this log")
        }
        let view = view(at: entry.time)
        switch statement {
        case .genesis: throw RuleViolation(.duplicate, "a second genesis")
        case .member(let statement): return try decide(statement, note: note, view: view)
        case .invitation(let statement): return try decide(statement, note: note, view: view)
        case .enrol(let statement): return try decide(statement, note: note, view: view)
        case .revoke(let statement): return try decide(statement, note: note, view: view)
        case .admins(let statement): return try decide(statement, note: note, view: view)
        }
    }

    /// What a statement that passed every rule changes.
    enum Change {
        case member(MemberID, MemberVersion)
        case invitation(Invitation)
        case enrol(Device)
        case revokeDevice(DeviceID, Revocation)
        case revokeInvitation(InvitationID, Revocation)
        case void(Digest)
        case admins(
            AdminVersion, audit: EncapsulationKey?, auditAtOnce: Bool, recovery: RecoveryPublicKey?,
            recoveryAtOnce: Bool)
    }

    private mutating func perform(_ change: Change, time: Timestamp) {
        switch change {
        case .member(let id, let version):
            if let current = members[id]?.last { namesNow[current.name] = nil }
            namesNow[version.name] = id
            members[id, default: []].append(version)
        case .invitation(let invitation):
            usedKeys.insert(invitation.key)
            invitations[invitation.id] = invitation
        case .enrol(let device):
            if let invitation = device.invitation {
                invitations[invitation]?.used = Use(place: device.enrolled, device: device.id)
            }
            add(device)
        case .revokeDevice(let id, let revocation): devices[id]?.revoked = revocation
        case .revokeInvitation(let id, let revocation): invitations[id]?.revoked = revocation
        case .void(let statement):
            _ = auditKeys.void(statement, place: size, time: time)
            _ = recoveryKeys.void(statement, place: size, time: time)
        case .admins(let version, let audit, let auditAtOnce, let recovery, let recoveryAtOnce):
            if let recovery {
                usedKeys.insert(recovery.signing)
                recoveryHalves.formUnion(recovery.encapsulation.halves)
            }
            if let audit { auditHalves.formUnion(audit.halves) }
            auditKeys.name(audit, place: size, time: time, statement: version.statement, atOnce: auditAtOnce)
            recoveryKeys.name(recovery, place: size, time: time, statement: version.statement, atOnce: recoveryAtOnce)
            adminVersions.append(version)
        }
    }

    private mutating func add(_ device: Device) {
        usedKeys.insert(device.key)
        devices[device.id] = device
        deviceOrder.append(device.id)
        devicesOfMember[device.member, default: []].append(device.id)
    }

    // MARK: Founding

    private mutating func found(_ genesis: Genesis, note: SignedNote, time: Timestamp) throws(RuleViolation) {
        let ids = Set(genesis.members.map(\.id))
        let names = Set(genesis.members.map(\.name))
        guard !ids.isEmpty, ids.count == genesis.members.count, names.count == genesis.members.count else {
            throw RuleViolation(.duplicate, "founding members")
        }
        let keys = [genesis.rosterKey, genesis.activityKey] + genesis.admins.map(\.key)
        guard !genesis.admins.isEmpty, Set(keys).count == keys.count else {
            throw RuleViolation(.duplicate, "founding keys")
        }
        guard genesis.admins.allSatisfy({ ids.contains($0.member) }) else {
            throw RuleViolation(.unknown, "an admin's member")
        }
        let adminMembers = Set(genesis.admins.map(\.member))
        guard genesis.quorum >= 1, genesis.quorum <= UInt64(adminMembers.count) else {
            throw RuleViolation(.tooFewAdmins, "quorum")
        }
        try Self.verify(note, by: genesis.admins.map { NoteKey(device: $0.key) })
        usedKeys.formUnion(keys)
        if let recovery = genesis.recovery {
            guard usedKeys.insert(recovery.signing).inserted else { throw RuleViolation(.duplicate, "recovery key") }
            recoveryHalves.formUnion(recovery.encapsulation.halves)
        }
        for member in genesis.members {
            members[member.id] = [
                MemberVersion(place: 0, time: time, name: member.name, roles: [], status: .active, statement: note.hash)
            ]
            namesNow[member.name] = member.id
        }
        for admin in genesis.admins {
            add(
                Device(
                    id: admin.device, member: admin.member, key: admin.key, label: admin.label,
                    platform: admin.platform, enrolled: Place(index: 0, time: time), invitation: nil))
        }
        adminVersions = [
            AdminVersion(
                place: 0, admins: Dictionary(uniqueKeysWithValues: genesis.admins.map { ($0.device, $0.member) }),
                quorum: genesis.quorum, statement: note.hash, witnesses: .none, time: time)
        ]
    }

    // MARK: Lookups for views

    func memberVersion(_ id: MemberID, size: UInt64) -> MemberVersion? {
        members[id]?.last { $0.place < size }
    }

    func memberVersions(_ id: MemberID, size: UInt64) -> [MemberVersion] {
        (members[id] ?? []).filter { $0.place < size }
    }

    func memberIDs(size: UInt64) -> [MemberID] {
        members.filter { $0.value[0].place < size }.keys.sorted()
    }

    func member(named name: TextValue, size: UInt64) -> MemberID? {
        if size == self.size { return namesNow[name] }
        return memberIDs(size: size).first { memberVersion($0, size: size)?.name == name }
    }

    func device(_ id: DeviceID, size: UInt64) -> Device? {
        guard var device = devices[id], device.enrolled.index < size else { return nil }
        if let revoked = device.revoked, revoked.place.index >= size { device.revoked = nil }
        return device
    }

    func devices(of member: MemberID, size: UInt64) -> [Device] {
        (devicesOfMember[member] ?? []).compactMap { device($0, size: size) }
    }

    func isUsed(_ key: VerifyingKey) -> Bool { usedKeys.contains(key) }

    /// Whether a half of this key is, or was, one of an audit key.
    func hasHalfOfAuditKey(_ key: EncapsulationKey) -> Bool { !auditHalves.isDisjoint(with: key.halves) }

    /// Whether a half of this key is, or was, one of a recovery key.
    func hasHalfOfRecoveryKey(_ key: EncapsulationKey) -> Bool { !recoveryHalves.isDisjoint(with: key.halves) }

    func allDevices(size: UInt64) -> [Device] { deviceOrder.compactMap { device($0, size: size) } }

    func invitation(_ id: InvitationID, size: UInt64) -> Invitation? {
        guard var invitation = invitations[id], invitation.issued.index < size else { return nil }
        if let used = invitation.used, used.place.index >= size { invitation.used = nil }
        if let revoked = invitation.revoked, revoked.place.index >= size { invitation.revoked = nil }
        return invitation
    }

    func invitations(size: UInt64) -> [Invitation] {
        invitations.keys.compactMap { invitation($0, size: size) }.sorted { $0.issued.index < $1.issued.index }
    }

    func adminVersion(size: UInt64) -> AdminVersion { adminVersions.last { $0.place < size } ?? adminVersions[0] }

    func adminVersions(size: UInt64) -> [AdminVersion] { adminVersions.filter { $0.place < size } }

    func auditKey(size: UInt64, at time: Timestamp) -> EncapsulationKey? { auditKeys.key(size: size, at: time) }

    func hasNamedAuditKey(_ id: PrekeyID, size: UInt64) -> Bool { auditKeys.named(size: size) { $0.id == id } }

    func recoveryKey(size: UInt64, at time: Timestamp) -> RecoveryPublicKey? { recoveryKeys.key(size: size, at: time) }

    func pendingAuditKey(size: UInt64, at time: Timestamp) -> KeyTimeline<EncapsulationKey>.Pending? {
        auditKeys.pending(size: size, at: time)
    }

    func pendingRecoveryKey(size: UInt64, at time: Timestamp) -> KeyTimeline<RecoveryPublicKey>.Pending? {
        recoveryKeys.pending(size: size, at: time)
    }
}

extension EncapsulationKey {
    /// The X25519 key and the ML-KEM key: who holds the private half of one holds it in whatever key it stands.
    fileprivate var halves: [[UInt8]] { [x25519, mlkem768] }

    func sharesHalf(with other: EncapsulationKey) -> Bool { x25519 == other.x25519 || mlkem768 == other.mlkem768 }
}
