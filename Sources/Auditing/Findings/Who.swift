import Membership
import Statements

/// Devices and members as a reader knows them: id and name.
struct Who {
    let view: RosterView

    func device(_ id: DeviceID) -> String {
        guard let device = view.device(id), let member = view.member(device.member) else { return "\(id)" }
        return "\(id) (\(member.name))"
    }

    func member(_ id: MemberID) -> String { view.member(id).map { "\($0.name)" } ?? "\(id)" }
}
