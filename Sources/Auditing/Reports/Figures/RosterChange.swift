import Membership
public import Statements

/// Who came and who went, and what was decided about keys and witnesses.
public struct RosterChange: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case memberAdded = "member_added"
        case memberChanged = "member_changed"
        case deviceEnrolled = "device_enrolled"
        case deviceRevoked = "device_revoked"
        case invitationIssued = "invitation_issued"
        case invitationRevoked = "invitation_revoked"
        case adminAdded = "admin_added"
        case adminRemoved = "admin_removed"
        case quorumSet = "quorum_set"
        case auditKeySet = "audit_key_set"
        case recoveryKeySet = "recovery_key_set"
        case witnessesSet = "witnesses_set"
    }

    /// Both names of a member who was given another one.
    public struct Renaming: Hashable, Sendable {
        public let before: String
        public let after: String

        init?(_ change: MemberChange) {
            guard let before = change.before?.name, before != change.state.name else { return nil }
            self.before = before.description
            after = change.state.name.description
        }
    }

    /// A key that signed the statement.
    public enum Signer: Hashable, Sendable {
        /// A device's, and whose that is.
        case device(DeviceID, MemberID?)
        /// The one with which a device joined.
        case invitation(InvitationID)
        case recoveryKey

        /// - Parameter name: What the signature calls its key.
        init?(_ name: String, _ view: RosterView) {
            if name == "recovery" {
                self = .recoveryKey
            } else if let device = DeviceID(name) {
                self = .device(device, view.device(device)?.member)
            } else if let invitation = InvitationID(name) {
                self = .invitation(invitation)
            } else {
                return nil
            }
        }

        /// What the signature calls its key.
        public var name: String {
            switch self {
            case .device(let device, _): device.description
            case .invitation(let invitation): invitation.description
            case .recoveryKey: "recovery"
            }
        }

        public var member: MemberID? { if case .device(_, let member) = self { member } else { nil } }
        var isDevice: Bool { if case .device = self { true } else { false } }
    }

    public let kind: Kind
    /// The entry's time.
    public let time: Timestamp
    /// Index in the roster log.
    public let index: UInt64
    /// Whose it is; `nil` of what is the organisation's.
    public let member: MemberID?
    /// The member's, the device's, the invitation's or the key's id; of what has none, a word.
    public let subject: String
    /// A member's roles and status, and those before; a device's label, a revocation's reason, the witnesses' names: what
    /// somebody typed.
    public let words: String
    /// What somebody typed, too: the words say only that there is one.
    public let renaming: Renaming?
    /// Of a device that was revoked, its label: what somebody typed, too. A member has several.
    public let label: String?
    /// Who did it, in the order of the signatures: an admin, a quorum of them, or whoever joined, before the invitation.
    public let signers: [Signer]

    /// Whether ``subject`` is a device.
    public var isOfDevice: Bool { [.deviceEnrolled, .deviceRevoked, .adminAdded, .adminRemoved].contains(kind) }

    /// Whether somebody typed the words, and may have typed a name.
    var holdsTypedWords: Bool {
        [.deviceEnrolled, .deviceRevoked, .invitationRevoked, .witnessesSet].contains(kind)
    }

    private static func words(_ change: MemberChange) -> String {
        func roles(_ state: MemberChange.State) -> String {
            state.roles.isEmpty ? "none" : state.roles.sorted().map(\.rawValue).joined(separator: ", ")
        }
        var words = change.place.index == 0 ? "founding member" : roles(change.state)
        if let before = change.before, before.roles != change.state.roles { words += " (before: \(roles(before)))" }
        let renamed = Renaming(change) == nil ? [] : ["renamed"]
        return ([words, change.state.status.rawValue] + renamed).joined(separator: "; ")
    }

    private typealias Part = (kind: Kind, member: MemberID?, subject: String, words: String)

    /// What one `admins` statement changed.
    private static func parts(of change: AdminsChange) -> [Part] {
        let (old, new) = (change.before, change.state)
        var parts: [Part] = []
        for (device, member) in new.devices.sorted(by: { $0.key < $1.key }) where old.devices[device] == nil {
            parts.append((.adminAdded, member, device.description, "an admin's device"))
        }
        for (device, member) in old.devices.sorted(by: { $0.key < $1.key }) where new.devices[device] == nil {
            parts.append((.adminRemoved, member, device.description, "no admin's device any more"))
        }
        if new.quorum != old.quorum {
            parts.append((.quorumSet, nil, "quorum", "\(new.quorum) (before: \(old.quorum))"))
        }
        if new.auditKey.id != old.auditKey.id {
            let id = new.auditKey.id?.description ?? "no-audit-key"
            parts.append((.auditKeySet, nil, id, words(new.auditKey, before: old.auditKey)))
        }
        if new.recoveryKey.id != old.recoveryKey.id {
            let id = new.recoveryKey.id?.description ?? "no-recovery-key"
            parts.append((.recoveryKeySet, nil, id, words(new.recoveryKey, before: old.recoveryKey)))
        }
        if new.witnesses != old.witnesses {
            let names = new.witnesses.keys.map(\.name).joined(separator: ", ")
            let words = names.isEmpty ? "none" : "\(names); cosignatures demanded: \(new.witnesses.demanded)"
            parts.append((.witnessesSet, nil, "witnesses", words))
        }
        return parts
    }

    private static func words(_ key: AdminsChange.Key, before: AdminsChange.Key) -> String {
        (key.effective.map { "in force from \($0) on, unless it is voided; " } ?? "")
            + (before.id.map { "before: \($0)" } ?? "the first one")
    }

    /// Every change of a roster, in the order of its log.
    /// - Parameter signers: The names of the keys that signed each entry.
    static func all(_ view: RosterView, signers: [UInt64: [String]]) -> [RosterChange] {
        var changes: [RosterChange] = []
        func add(
            _ kind: Kind, _ place: Place, _ member: MemberID?, _ subject: some CustomStringConvertible, _ words: String,
            _ renaming: Renaming? = nil, label: String? = nil
        ) {
            changes.append(
                RosterChange(
                    kind: kind, time: place.time, index: place.index, member: member, subject: subject.description,
                    words: words, renaming: renaming, label: label,
                    signers: (signers[place.index] ?? []).compactMap { Signer($0, view) }))
        }
        for change in view.memberChanges {
            add(
                change.before == nil ? .memberAdded : .memberChanged, change.place, change.member, change.member,
                words(change), Renaming(change))
        }
        for device in view.allDevices {
            add(.deviceEnrolled, device.enrolled, device.member, device.id, "\(device.label) (\(device.platform))")
            if let revoked = device.revoked {
                add(
                    .deviceRevoked, revoked.place, device.member, device.id, "\(revoked.reason)",
                    label: "\(device.label)")
            }
        }
        for invitation in view.invitations {
            add(
                .invitationIssued, invitation.issued, invitation.member, invitation.id,
                invitation.used == nil ? "not used" : "used")
            if let revoked = invitation.revoked {
                add(.invitationRevoked, revoked.place, invitation.member, invitation.id, "\(revoked.reason)")
            }
        }
        for change in view.adminsChanges {
            for part in parts(of: change) { add(part.kind, change.place, part.member, part.subject, part.words) }
        }
        // Founding devices share an entry: the order of enrolment decides then.
        return changes.enumerated().sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
            .map(\.element)
    }
}
