import DeviceKit

/// Whether the step log hangs together, and is the one that this device's receipts name.
struct StepsCheck: DoctorCheck {
    static let name = "steps"

    let lines: UInt64
    /// How many receipts were held against it; `nil` when the profile is locked.
    let receipts: UInt64?
    let faults: [String]

    func judge() -> [CheckResult] {
        // The log itself first: its copy for people can be written anew.
        if let fault = faults.first(where: { !Self.isAboutCopy($0) }) {
            return [
                Self.problem(
                    "the step log was changed: \(fault)",
                    next: "keep the profile as it is, and tell your administrator", isLie: true)
            ]
        }
        if let fault = faults.first {
            return [Self.warning(fault, next: "remove steps.ndjson; the next command writes it anew")]
        }
        let named =
            receipts.map { ", and \($0 == 1 ? "1 receipt names a line" : "\($0) receipts name lines") of it" } ?? ""
        return [Self.ok("\(lines) lines hang together\(named)")]
    }

    private static func isAboutCopy(_ fault: String) -> Bool { fault.contains("steps.ndjson") }
}
