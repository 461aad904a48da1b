import DeviceKit
import Statements

/// Whether both logs are continuations of what this device remembers.
struct LogsCheck: DoctorCheck {
    static let name = "logs"

    struct Log: Sendable {
        let name: String
        /// The largest checkpoint before this command, and now.
        let before: UInt64
        let now: UInt64
    }

    /// `nil` when the relay gave no present to compare with.
    let logs: [Log]?
    let isContradicted: Bool
    /// Whether the profile was open, so that the relay could be asked.
    var isAsked = true
    /// The gravest evidence that this device keeps against the relay: then what is shown now is not all that it showed.
    var conviction: Finding?

    func judge() -> [CheckResult] {
        if isContradicted {
            return [
                Self.problem(
                    "what the relay shows does not continue what this device remembers",
                    next: "keep the evidence that is named above, and show it to your administrator and an auditor",
                    isLie: true)
            ]
        }
        guard isAsked else {
            return [
                Self.warning(
                    "the logs were not compared with what this device remembers, for the profile is not open",
                    next: "unlock the profile, and run \"nightbell doctor\" again")
            ]
        }
        guard let logs else {
            return [
                Self.warning(
                    "the logs were not compared with what this device remembers, for the relay was not heard",
                    next: "run \"nightbell doctor\" again when the relay can be reached")
            ]
        }
        let words = logs.map { log in
            log.now == log.before
                ? "the \(log.name) log stands at \(log.now.counted("entry", "entries"))"
                : "the \(log.name) log grew from \(log.before) to \(log.now.counted("entry", "entries"))"
        }
        if let conviction {
            return [
                Self.warning(
                    "\(words.joined(separator: ", ")), and what is shown now continues what this device remembers; but the relay "
                        + "was proven to have shown another history",
                    next: conviction.next)
            ]
        }
        return [Self.ok("\(words.joined(separator: ", ")); proven to be one history")]
    }
}
