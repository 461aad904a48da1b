import DeviceKit
import Membership
import Statements

/// Names of members, looked up once each: lists name the same few people again and again.
final class MemberNames {
    private let view: RosterView
    private var known: [MemberID: String] = [:]

    init(_ session: DeviceSession) { view = session.view }

    /// The member's name; its id when the roster has no such member.
    func name(_ member: MemberID) -> String {
        if let name = known[member] { return name }
        let name = view.member(member)?.name.description ?? member.description
        known[member] = name
        return name
    }

    /// Who sent a message: the member's name, or the device where no member is known.
    func sender(of message: InboxMessage) -> String { message.member.map(name) ?? message.sender.description }
}
