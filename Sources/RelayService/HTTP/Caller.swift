import Membership
import RelayAPI
import Secrets
import Statements

/// Who asks, once the signature on the request was verified.
enum Caller: Sendable {
    case device(Device, Member)
    /// An unused invitation: roster log, checkpoints and head only.
    case invitation(Invitation)
    /// The recovery key: roster, and sealed bytes to restore.
    case recovery

    var device: Device? {
        if case .device(let device, _) = self { return device }
        return nil
    }

    /// Auditors hold the activity log; admins see its entries.
    var maySeeActivity: Bool {
        if case .device(_, let member) = self { return !member.roles.isDisjoint(with: [.auditor, .admin]) }
        return false
    }

    var isAuditor: Bool {
        if case .device(_, let member) = self { return member.roles.contains(.auditor) }
        return false
    }
}
