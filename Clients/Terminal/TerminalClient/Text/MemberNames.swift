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
        Self.text(of: member, &known) { view.displayName(of: member) }
    }

    /// Its written form.
    func text(of member: MemberID) -> String { Self.text(of: member, &members) { member.description } }

    /// Its written form.
    func text(of device: DeviceID) -> String { Self.text(of: device, &devices) { device.description } }

    /// Who sent a message: the member's name, or the device where no member is known.
    func sender(of message: InboxMessage) -> String { message.member.map(name) ?? text(of: message.sender) }

    private static func text<Key>(of key: Key, _ known: inout [Key: String], _ made: () -> String) -> String {
        if let text = known[key] { return text }
        let text = made()
        known[key] = text
        return text
    }
}
