import DeviceKit
import Statements

/// Whether this device ever met what cannot be if everyone keeps to the protocol.
struct FindingsCheck: DoctorCheck {
    static let name = "findings"

    let count: Int
    /// The newest, with its evidence; `nil` when the profile is locked.
    let newest: (found: Timestamp, finding: Finding)?
    /// Two histories, proven: then nothing is sent.
    let contradiction: Finding?

    func judge() -> [CheckResult] {
        if let contradiction {
            return [
                Self.problem(
                    "the relay was proven to show two histories, so this device sends nothing any more",
                    next: "call by telephone; \(contradiction.next)", isLie: true)
            ]
        }
        guard count > 0 else { return [Self.ok("nobody was caught in a lie")] }
        let last = newest.map { ", the last on \(LocalTime.short($0.found)): \($0.finding.sentence)" } ?? ""
        return [
            Self.warning(
                "\(count == 1 ? "1 finding is" : "\(count) findings are") kept\(last)",
                next: newest?.finding.next
                    ?? "see \"nightbell status\", and show the folder evidence to your administrator")
        ]
    }
}
