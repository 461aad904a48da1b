public import Membership
import Statements

extension DeviceSession {
    /// The invitation of this id, or of the only id that begins so, to be revoked.
    /// - Throws: ``DeviceKitError`` also when somebody has joined with it: then that device is what can be revoked.
    public func invitation(_ prefix: String) throws(DeviceKitError) -> Invitation {
        let found = view.invitations.filter { $0.id.description.hasPrefix(prefix) }
        guard !prefix.isEmpty, found.count == 1 else {
            throw DeviceKitError(
                found.isEmpty ? "no_such_invitation" : "ambiguous_invitation", .notFound,
                found.isEmpty
                    ? "the organisation never issued such an invitation" : "several invitations' ids begin so",
                next: "look at the ids with \"nightbell admin members\"")
        }
        if let used = found[0].used {
            throw DeviceKitError(
                "invitation_used", .refused, "that invitation was used: the device \(used.device) joined with it",
                next: "if it should not have, revoke the device: nightbell admin revoke \(used.device) --reason TEXT")
        }
        return found[0]
    }
}
