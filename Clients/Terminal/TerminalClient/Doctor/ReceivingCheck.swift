/// Whether a program stays connected for this profile, so that a message rings.
struct ReceivingCheck: DoctorCheck {
    static let name = "watch"

    let receiver: Receiver

    func judge() -> [CheckResult] {
        switch receiver {
        case .running, .unknown: [Self.ok("a program stays connected for this profile")]
        case .stopped:
            [
                Self.warning(
                    "the program that stays connected for this profile was stopped (Ctrl-Z): nothing rings",
                    next: "go to its terminal and type fg")
            ]
        case .none:
            [
                Self.warning(
                    "no program stays connected for this profile: nothing rings when a message comes",
                    next: "run \"nightbell watch\" or \"nightbell ui\", or the service that the documentation describes"
                )
            ]
        }
    }
}
