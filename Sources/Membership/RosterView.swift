public import Secrets
public import Statements

/// The roster after a number of entries, at an instant. Every question about rights is asked here.
public struct RosterView: Sendable {
    /// An object, so that a view is cheap to copy: a roster has a history of everything.
    private final class Whole: Sendable {
        let roster: Roster
        init(_ roster: Roster) { self.roster = roster }
    }

    private let whole: Whole
    public let size: UInt64
    public let time: Timestamp

    public var roster: Roster { _read { yield whole.roster } }

    init(roster: Roster, size: UInt64, time: Timestamp) {
        whole = Whole(roster)
        self.size = size
        self.time = time
    }

    private init(_ whole: Whole, size: UInt64, time: Timestamp) {
        self.whole = whole
        self.size = size
        self.time = time
    }

    /// The same roster at another instant.
    public func at(_ time: Timestamp) -> RosterView { RosterView(whole, size: size, time: time) }

    public var policy: Policy { roster.genesis.policy }

    // MARK: Members

    public func member(_ id: MemberID) -> Member? {
        guard let version = roster.memberVersion(id, size: size) else { return nil }
        var roles = version.roles
        if version.status == .active, adminVersion.admins.contains(where: { $0.value == id && isLive($0.key) }) {
            roles.insert(.admin)
        }
        return Member(
            id: id, name: version.name, roles: roles, status: version.status, statement: version.statement)
    }

    /// The member's name; the id of one who is in no roster.
    public func displayName(of id: MemberID) -> String { member(id)?.name.description ?? id.description }

    /// What a member was called when something was logged at a time: an act stays that of the name under which it was done.
    /// - Returns: The first name for a time before the roster knew the member; `nil` for one who is in no roster.
    public func name(of id: MemberID, at time: Timestamp) -> TextValue? {
        let versions = roster.memberVersions(id, size: size)
        return (versions.last { $0.time <= time } ?? versions.first)?.name
    }

    /// The member's name at a time and, where that is another, what they are called now.
    public func displayName(of id: MemberID, at time: Timestamp) -> String {
        guard let then = name(of: id, at: time), let now = member(id)?.name else { return id.description }
        return then == now ? "\(then)" : "\(then) (now called \(now))"
    }

    /// Exactly the member of this name; names are unique.
    public func member(named name: TextValue) -> Member? {
        roster.member(named: name, size: size).flatMap(member)
    }

    /// Whoever was called so and has another name now, and until when by log time; who had the name last is the last one.
    public func formerMembers(named name: TextValue) -> [(member: MemberID, until: Timestamp)] {
        roster.memberIDs(size: size).compactMap { id in
            let versions = roster.memberVersions(id, size: size)
            guard let last = versions.lastIndex(where: { $0.name == name }), last < versions.count - 1 else {
                return nil
            }
            return (id, versions[last + 1].time)
        }.sorted { ($0.until, $0.member) < ($1.until, $1.member) }
    }

    /// Ordered by id.
    public var members: [Member] { roster.memberIDs(size: size).compactMap(member) }

    /// What was ever said of members, in the order of the log; founding members first.
    public var memberChanges: [MemberChange] {
        roster.memberIDs(size: size).flatMap { id in
            let versions = roster.memberVersions(id, size: size)
            return versions.indices.map { number in
                MemberChange(
                    place: Place(index: versions[number].place, time: versions[number].time), member: id,
                    state: versions[number].state, before: number == 0 ? nil : versions[number - 1].state)
            }
        }.sorted { ($0.place.index, $0.member) < ($1.place.index, $1.member) }
    }

    func memberRecord(_ id: MemberID) -> Roster.MemberVersion? { roster.memberVersion(id, size: size) }

    // MARK: Devices

    /// A device that was ever enrolled, revoked or not.
    public func device(_ id: DeviceID) -> Device? { roster.device(id, size: size) }

    /// In the order of enrolment.
    public var allDevices: [Device] { roster.allDevices(size: size) }

    /// A device that may sign and receive: enrolled, not revoked, its member active.
    public func liveDevice(_ id: DeviceID) -> Device? {
        guard let device = device(id), device.revoked == nil,
            roster.memberVersion(device.member, size: size)?.status == .active
        else { return nil }
        return device
    }

    /// Ordered by device id.
    public func liveDevices(of member: MemberID) -> [Device] {
        guard roster.memberVersion(member, size: size)?.status == .active else { return [] }
        return roster.devices(of: member, size: size).filter { $0.revoked == nil }.sorted { $0.id < $1.id }
    }

    /// Whether a device of this member was ever enrolled, revoked or not.
    public func hasEverHadDevice(_ member: MemberID) -> Bool { !roster.devices(of: member, size: size).isEmpty }

    private func isLive(_ id: DeviceID) -> Bool { device(id).map { $0.revoked == nil } ?? false }

    // MARK: Admins

    /// Whether this device key is an admin key.
    public func isAdmin(_ id: DeviceID) -> Bool { adminVersion.admins[id] != nil }

    /// How many distinct admin members must sign what needs a quorum.
    public var quorum: Int { Int(adminVersion.quorum) }

    /// Members with a live admin key.
    public var liveAdminMembers: Set<MemberID> { liveAdminMembers(without: nil) }

    func liveAdminMembers(without device: DeviceID?) -> Set<MemberID> {
        Set(adminVersion.admins.filter { $0.key != device && liveDevice($0.key) != nil }.values)
    }

    /// What every `admins` statement changed, in the order of the log; genesis is none of them.
    public var adminsChanges: [AdminsChange] {
        roster.adminVersions(size: size).filter { $0.place > 0 }.map { version in
            AdminsChange(
                place: Place(index: version.place, time: version.time),
                state: adminsState(size: version.place + 1, at: version.time),
                before: adminsState(size: version.place, at: version.time))
        }
    }

    private func adminsState(size: UInt64, at time: Timestamp) -> AdminsChange.State {
        let version = roster.adminVersion(size: size)
        let audit = roster.pendingAuditKey(size: size, at: time)
        let recovery = roster.pendingRecoveryKey(size: size, at: time)
        return AdminsChange.State(
            devices: version.admins, quorum: version.quorum,
            auditKey: AdminsChange.Key(
                id: audit.map { $0.key?.id } ?? roster.auditKey(size: size, at: time)?.id, effective: audit?.effective),
            recoveryKey: AdminsChange.Key(
                id: recovery.map { $0.key?.id } ?? roster.recoveryKey(size: size, at: time)?.id,
                effective: recovery?.effective), witnesses: version.witnesses)
    }

    /// The admin device keys that are listed, live or not, and their members.
    public var adminDevices: [DeviceID: MemberID] { adminVersion.admins }

    /// The statement that a new `admins` must name in `replaces`.
    public var adminsStatement: Digest { adminVersion.statement }

    /// Whose cosignatures of the logs count, and how many are demanded.
    public var witnesses: WitnessPolicy { adminVersion.witnesses }

    /// Since when, by log time: a statement that names the same ones again gives them no new day to begin.
    public var witnessesSince: Timestamp {
        let (now, versions) = (adminVersion, roster.adminVersions(size: size))
        return versions.reversed().prefix { $0.witnesses == now.witnesses }.last?.time ?? now.time
    }

    var adminVersion: Roster.AdminVersion { roster.adminVersion(size: size) }

    // MARK: Keys and invitations

    public var auditKey: EncapsulationKey? { roster.auditKey(size: size, at: time) }
    public var recoveryKey: RecoveryPublicKey? { roster.recoveryKey(size: size, at: time) }

    /// Whether a half of this key is, or ever was, one of a recovery key: then it becomes no audit key.
    public func hasHalfOfRecoveryKey(_ key: EncapsulationKey) -> Bool { roster.hasHalfOfRecoveryKey(key) }

    public var pendingAuditKey: PendingKeyChange? {
        roster.pendingAuditKey(size: size, at: time).map {
            PendingKeyChange(statement: $0.statement, effective: $0.effective, key: $0.key?.id)
        }
    }

    public var pendingRecoveryKey: PendingKeyChange? {
        roster.pendingRecoveryKey(size: size, at: time).map {
            PendingKeyChange(statement: $0.statement, effective: $0.effective, key: $0.key?.id)
        }
    }

    public func invitation(_ id: InvitationID) -> Invitation? { roster.invitation(id, size: size) }

    /// Every invitation that was ever issued, in the order of the log.
    public var invitations: [Invitation] { roster.invitations(size: size) }

    /// Whether this invitation can still be used.
    public func isOpen(_ invitation: Invitation) -> Bool {
        invitation.used == nil && invitation.revoked == nil && time < invitation.expires
    }

    // MARK: Rights

    /// Whether a member with these roles may write to one with those. Nobody writes to an auditor, whatever else they are.
    public func mayWrite(from sender: Member, to addressed: Member) -> Bool {
        !addressed.roles.contains(.auditor)
            && policy.writeRights.contains { sender.roles.contains($0.from) && addressed.roles.contains($0.to) }
    }
}
