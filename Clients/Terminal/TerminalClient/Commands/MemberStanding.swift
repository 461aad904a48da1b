import DeviceKit
import Membership
import Statements

/// Whether anything reaches a member: how many devices they have, and which of their invitations can still be used.
struct MemberStanding {
    let open: [Invitation]
    let hasJoined: Bool
    /// Those that may receive now.
    let devices: Int
    private let ids: ShortIDs

    private let member: Member

    init(_ member: Member, _ view: RosterView) {
        self.member = member
        open = view.invitations.filter { $0.member == member.id && view.isOpen($0) }
        devices = view.liveDevices(of: member.id).count
        hasJoined = view.hasEverHadDevice(member.id)
        ids = ShortIDs(view.invitations.map(\.id.description))
    }

    /// `active` alone would let everybody believe that something reaches them.
    var status: String {
        guard member.status == .active else { return member.status.rawValue }
        guard hasJoined else { return "invited, not joined yet" }
        return devices == 0 ? "NO DEVICE LEFT" : member.status.rawValue
    }

    /// `inv-abcd2345 until 29 Nov 08:01 CET`.
    var words: String {
        guard !open.isEmpty else { return devices > 0 ? "" : "none is open: invite again" }
        return open.map { "\(ids.short($0.id.description)) until \(LocalTime.short($0.expires))" }.joined(
            separator: ", ")
    }

    var document: JSONValue {
        .array(open.map { ["id": .text($0.id), "expires": .text($0.expires)] })
    }
}
