import Membership
import Statements

/// Devices and members as a reader knows them: id and name, which is the one that a member had at the view's time. What they
/// are called later is no part of a finding, which says the same however late it is made.
struct Who {
    let view: RosterView

    func device(_ id: DeviceID) -> String {
        guard let device = view.device(id), let name = view.name(of: device.member, at: view.time) else {
            return "\(id)"
        }
        return "\(id) (\(name))"
    }

    func member(_ id: MemberID) -> String { view.name(of: id, at: view.time).map { "\($0)" } ?? "\(id)" }
}
