/// Whether a program stays connected for this profile, so that a message rings.
struct ReceivingCheck: DoctorCheck {
    static let name = "watch"

    /// What rings while the profile is locked: then no program receives, and its agent hears that something waits.
    struct Locked: Sendable, Equatable {
        /// Whether the agent hears of it.
        let isHeard: Bool
        /// The `watch` or `ui` that waits locked, and rings then.
        let waiting: Receiver
    }

    let receiver: Receiver
    /// `nil` while the profile's agent is not locked.
    var locked: Locked?

    /// Who rings, if anybody does.
    var ringer: Receiver { receiver == .none ? locked?.waiting ?? .none : receiver }

    func judge() -> [CheckResult] {
        switch ringer {
        case .running, .unknown:
            return [receiver == .none ? ofLocked : Self.ok("a program stays connected for this profile")]
        case .stopped:
            return [
                Self.warning(
                    "the program that stays connected for this profile was stopped (Ctrl-Z): nothing rings",
                    next: "go to its terminal and type fg")
            ]
        case .none:
            return [
                Self.warning(
                    "no program stays connected for this profile: nothing rings when a message comes",
                    next: "run \"nightbell watch\" or \"nightbell ui\", or the service that the documentation describes"
                )
            ]
        }
    }

    private var ofLocked: CheckResult {
        guard locked?.isHeard ?? false else {
            return Self.warning(
                "the profile is locked, and its agent does not hear of messages: nothing rings until it is unlocked",
                next: "unlock it: \"nightbell unlock\"")
        }
        return Self.ok(
            "the profile is locked: its agent hears when a message waits, and the locked watch or screen rings")
    }
}
