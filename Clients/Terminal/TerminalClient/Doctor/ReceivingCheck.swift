import DeviceKit

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
    /// How the link is, as that program says; `nil` when nothing does.
    var link: LinkState?

    /// Who rings, if anybody does.
    var ringer: Receiver { receiver == .none ? locked?.waiting ?? .none : receiver }

    func judge() -> [CheckResult] {
        switch ringer {
        case .running, .unknown:
            return [receiver == .none ? ofLocked : ofRunning]
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

    /// It is there, and perhaps the relay is not.
    private var ofRunning: CheckResult {
        guard let link, let cause = link.cause, [.connecting, .disconnected].contains(link.phase) else {
            return Self.ok("a program stays connected for this profile")
        }
        return Self.warning(
            "a program runs for this profile and is NOT CONNECTED (\(cause.message)): nothing that comes rings, and no answer is seen",
            next: "it goes on trying by itself; until then, whoever must reach you telephones")
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
