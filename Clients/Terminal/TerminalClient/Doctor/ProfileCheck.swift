import DeviceKit

/// Whether there is a profile, and whose.
struct ProfileCheck: DoctorCheck {
    static let name = "profile"

    let directory: String
    /// Who this device is; `nil` while it is not enrolled.
    let identity: Identity?
    /// Why the profile's description cannot be read.
    let fault: DeviceKitError?

    func judge() -> [CheckResult] {
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
