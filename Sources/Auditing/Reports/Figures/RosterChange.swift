import Membership
public import Statements

/// Who came and who went.
public struct RosterChange: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case memberAdded = "member_added"
        case memberChanged = "member_changed"
        case deviceEnrolled = "device_enrolled"
        case deviceRevoked = "device_revoked"
        case invitationIssued = "invitation_issued"
        case invitationRevoked = "invitation_revoked"
    }

    public let kind: Kind
    /// The entry's time.
    public let time: Timestamp
    /// Index in the roster log.
    public let index: UInt64
    /// Whose it is.
    public let member: MemberID
    /// The member's, the device's or the invitation's id.
    public let subject: String
    /// A member's roles and status; a device's label, a revocation's reason: what somebody typed.
    public let words: String

    /// Whether somebody typed the words, and may have typed a name.
    var holdsTypedWords: Bool { kind == .deviceEnrolled || kind == .deviceRevoked || kind == .invitationRevoked }

    private static func words(_ change: MemberChange) -> String {
        let roles = change.state.roles.sorted().map(\.rawValue)
        let renamed = change.before.map { $0.name != change.state.name } ?? false
        return
            ([
                change.place.index == 0 ? "founding member" : roles.joined(separator: ", "),
                change.state.status.rawValue,
            ]
            + (renamed ? ["renamed"] : [])).filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// Every change of a roster, in the order of its log.
    static func all(_ view: RosterView) -> [RosterChange] {
        var changes: [RosterChange] = []
        func add(
            _ kind: Kind, _ place: Place, _ member: MemberID, _ subject: some CustomStringConvertible, _ words: String
        ) {
            changes.append(
                RosterChange(
                    kind: kind, time: place.time, index: place.index, member: member, subject: subject.description,
                    words: words))
        }
        for change in view.memberChanges {
            add(
                change.before == nil ? .memberAdded : .memberChanged, change.place, change.member, change.member,
                words(change))
        }
        for device in view.allDevices {
            add(.deviceEnrolled, device.enrolled, device.member, device.id, "\(device.label) (\(device.platform))")
            if let revoked = device.revoked {
                add(.deviceRevoked, revoked.place, device.member, device.id, "\(revoked.reason)")
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
        // Founding devices share an entry: the order of enrolment decides then.
        return changes.enumerated().sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
            .map(\.element)
    }
}
