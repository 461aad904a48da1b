import DeviceKit
import Membership
import Statements

/// Which invitations of a member can still be used, and whether anybody has joined as that member.
struct MemberInvitations {
    let open: [Invitation]
    let hasJoined: Bool
    private let ids: ShortIDs

    private let member: Member

    init(_ member: Member, _ view: RosterView) {
        self.member = member
        open = view.invitations.filter { $0.member == member.id && view.isOpen($0) }
        hasJoined = view.hasEverHadDevice(member.id)
        ids = ShortIDs(view.invitations.map(\.id.description))
    }

    /// An invitation is no device: nobody who was only invited is called active.
    var status: String {
        hasJoined || member.status != .active ? member.status.rawValue : "invited, not joined yet"
    }

    /// `inv-abcd2345 until 29 Nov 08:01 CET`.
    var words: String {
        guard !open.isEmpty else { return hasJoined ? "" : "none is open: invite again" }
        return open.map { "\(ids.short($0.id.description)) until \(LocalTime.short($0.expires))" }.joined(
            separator: ", ")
    }

    var document: JSONValue {
        .array(open.map { ["id": .text($0.id), "expires": .text($0.expires)] })
    }
}
