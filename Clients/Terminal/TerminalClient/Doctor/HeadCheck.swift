import DeviceKit
import Statements

/// Whether the relay gives its signed word on the present, and whether it is believed.
struct HeadCheck: DoctorCheck {
    static let name = "relay"

    enum Answer: Sendable {
        /// A head, signed and consistent with everything before.
        case believed(signed: Timestamp, waiting: Int?)
        /// What it said is not true.
        case lied(DeviceKitError)
        case refused(DeviceKitError)
        case unreachable(DeviceKitError)
        /// The profile is locked, or there is none.
        case notAsked

        var wasAsked: Bool { if case .notAsked = self { false } else { true } }
    }

    let answer: Answer
    /// The last head that was kept.
    let last: Timestamp?
    let now: Timestamp

    func judge() -> [CheckResult] {
        switch answer {
        case .believed(let signed, let waiting):
            let age = LocalTime.span(milliseconds: now.milliseconds(since: signed))
            let queue = waiting.map { "; \($0 == 0 ? "nothing waits" : "\($0) waiting") for this device" } ?? ""
            return [Self.ok("its word on the present is signed, believed and \(age) old\(queue)")]
        case .lied(let error):
            return [
                Self.problem("its word on the present is not believed: \(error.message)", next: error.next, isLie: true)
            ]
        case .refused(let error): return [Self.problem(error.message, next: error.next)]
        case .unreachable(let error):
            let since = last.map {
                ": its last word is \(LocalTime.span(milliseconds: now.milliseconds(since: $0))) old"
            }
            return [
                Self.problem(
                    "\(error.message)\(since ?? ""); what waits there is not known",
                    next: "check the network; until then, let people telephone")
            ]
        case .notAsked:
            return [
                Self.warning(
                    "the relay was not asked for its word on the present, for that needs this device's key",
                    next: "unlock the profile, and run \"nightbell doctor\" again")
            ]
        }
    }
}
