import DeviceKit

/// Whether the profile could be opened, for what is sealed in it.
struct UnlockCheck: DoctorCheck {
    static let name = "unlock"

    /// Why it could not.
    let failure: DeviceKitError?

    func judge() -> [CheckResult] {
        guard let failure else { return [Self.ok("the profile opens")] }
        if failure.category == .locked {
            return [
                Self.warning(
                    "\(failure.message): what is sealed, and what the relay says to this device, was not looked at",
                    next: failure.next)
            ]
        }
        return [
            Self.problem(
                failure.message, next: failure.next, isLie: failure.category == .verification)
        ]
    }
}
