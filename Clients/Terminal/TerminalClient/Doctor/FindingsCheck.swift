import Statements

/// Whether this device ever met what cannot be if everyone keeps to the protocol.
struct FindingsCheck: DoctorCheck {
    static let name = "findings"

    let count: Int
    /// The newest, with its evidence; `nil` when the profile is locked.
    let newest: (found: Timestamp, sentence: String, evidence: String)?
    /// The evidence of two histories, proven: then nothing is sent.
    let contradiction: String?

    func judge() -> [CheckResult] {
        if let contradiction {
            return [
                Self.problem(
                    "the relay was proven to show two histories, so this device sends nothing any more",
                    next: "show \"\(contradiction)\" to your administrator and an auditor", isLie: true)
            ]
        }
        guard count > 0 else { return [Self.ok("nobody was caught in a lie")] }
        let last = newest.map { ", the last on \(LocalTime.short($0.found)): \($0.sentence)" } ?? ""
        return [
            Self.warning(
                "\(count == 1 ? "1 finding is" : "\(count) findings are") kept\(last)",
                next: newest.map { "keep \"\($0.evidence)\", and show it to your administrator and an auditor" }
                    ?? "see \"nightbell status\", and show the folder evidence to your administrator")
        ]
    }
}
