import DeviceKit

/// Whether there is a profile, and whose.
struct ProfileCheck: DoctorCheck {
    static let name = "profile"

    let directory: String
    /// Who this device is; `nil` while it is not enrolled.
    let identity: Identity?
    /// Why the profile's description cannot be read.
    let fault: DeviceKitError?
    /// What ended this device, if it was revoked.
    var revocation: RevocationRecord?

    func judge() -> [CheckResult] {
        if let revocation {
            return [
                Self.problem(
                    "this device (\(revocation.identity.device)) was revoked on \(LocalTime.full(revocation.revoked)) "
                        + "(reason: \(revocation.reason); entry \(revocation.index) of the roster log): its keys and "
                        + "messages were destroyed, and nothing of it can be restored, from no backup either",
                    next:
                        "if you still need one, ask an administrator of your organisation for a new invitation, and join "
                        + "with it in a new profile: nightbell --profile DIR join INVITATION")
            ]
        }
        if let fault { return [Self.problem(fault.message, next: fault.next)] }
        guard let identity else {
            return [
                Self.problem(
                    "\"\(directory)\" is not enrolled yet",
                    next: "repeat the \"nightbell join\" or \"nightbell admin found\" that was interrupted")
            ]
        }
        return [Self.ok("\"\(directory)\" is \(identity.device), at the relay \(identity.relay)")]
    }
}
