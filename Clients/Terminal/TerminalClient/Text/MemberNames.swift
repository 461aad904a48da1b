import DeviceKit
import Membership
import Statements

/// Names of members, looked up once each: lists name the same few people again and again.
final class MemberNames {
    private let view: RosterView
    private var known: [MemberID: String] = [:]
    private var members: [MemberID: String] = [:]
    private var devices: [DeviceID: String] = [:]

    init(_ view: RosterView) { self.view = view }

    /// The member's name; its id when the roster has no such member.
    func name(_ member: MemberID) -> String {
        if let name = known[member] { return name }
        let name = view.member(member)?.name.description ?? member.description
        known[member] = name
        return name
    }

    /// Its written form.
    func text(of member: MemberID) -> String {
        if let text = members[member] { return text }
        let text = member.description
        members[member] = text
        return text
    }

    /// Its written form.
    func text(of device: DeviceID) -> String {
        if let text = devices[device] { return text }
        let text = device.description
        devices[device] = text
        return text
    }

    /// Who sent a message: the member's name, or the device where no member is known.
    func sender(of message: InboxMessage) -> String { message.member.map(name) ?? message.sender.description }
}
