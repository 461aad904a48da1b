/// Whether a program stays connected for this profile, so that a message rings.
struct ReceivingCheck: DoctorCheck {
    static let name = "watch"

    /// Whether a process holds the profile's receiving lock.
    let isReceiving: Bool

    func judge() -> [CheckResult] {
        isReceiving
            ? [Self.ok("a program stays connected for this profile")]
            : [
                Self.warning(
                    "no program stays connected for this profile: nothing rings when a message comes",
                    next: "run \"nightbell watch\" or \"nightbell ui\", or the service that the documentation describes"
                )
            ]
    }
}
