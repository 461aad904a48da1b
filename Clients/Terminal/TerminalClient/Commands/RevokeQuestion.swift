import DeviceKit
import Membership
import Statements

/// What whoever revokes at a terminal is asked: whose it is, and what follows, for nothing brings it back.
struct RevokeQuestion: Equatable {
    /// What is revoked, and what becomes of it.
    let warning: String
    let question: String
    /// What did not happen when it is not meant.
    let unrevoked: String

    /// `nil` for what is no device and no invitation, or was revoked before: that changes nothing.
    init?(_ target: RevokeStatement.Target, _ view: RosterView) {
        switch target {
        case .device(let id):
            guard let device = view.device(id), device.revoked == nil else { return nil }
            self.init(
                device: id.description, label: device.label.description, of: view.displayName(of: device.member),
                isLast: view.liveDevice(id) != nil && view.liveDevices(of: device.member).count == 1)
        case .invitation(let id):
            guard let invitation = view.invitation(id), invitation.revoked == nil else { return nil }
            self.init(invitation: id.description, for: view.displayName(of: invitation.member))
        case .statement: return nil
        }
    }

    init(device: String, label: String, of name: String, isLast: Bool) {
        let name = SafeText.line(name)
        let label = SafeText.line(label)
        let last =
            isLast ? ". It is the LAST device of \(name): nothing reaches them then, nor what waits with them" : ""
        warning =
            "\(device) is the device \"\(label)\" of \(name). Revoked, it reads and signs nothing any more, destroys its keys and "
            + "messages as soon as it hears of it, and can never come back; what only it has is lost\(last)"
        question = "Revoke the device \"\(label)\" of \(name)?"
        unrevoked = "\(device) is NOT revoked"
    }

    init(invitation: String, for name: String) {
        let name = SafeText.line(name)
        warning = "\(invitation) is an invitation for \(name). Revoked, nobody can join with it any more"
        question = "Revoke the invitation for \(name)?"
        unrevoked = "\(invitation) is NOT revoked"
    }

    /// - Throws: That it was not meant: nothing is revoked.
    func confirm(_ console: Console) throws(DeviceKitError) {
        guard !console.isJSON, Input.isTerminal else { return }
        console.warn(warning)
        guard console.confirms(question) else {
            throw DeviceKitError(
                "not_revoked", .failed, unrevoked,
                next: "look at the devices and whose they are: nightbell admin devices")
        }
    }
}
