/// Whether push services wake this device on the ways that were registered.
struct PagesCheck: DoctorCheck {
    static let name = "pages"

    /// How many ways work.
    let working: Int
    let troubles: [PushWords.Trouble]

    func judge() -> [CheckResult] {
        guard troubles.isEmpty else { return troubles.map { Self.warning($0.message, next: $0.next) } }
        guard working > 0 else { return [Self.ok("no push service wakes this device; none is registered")] }
        return [
            Self.ok(
                "the relay sends pages over \(working) push service\(working == 1 ? "" : "s"); that something hands them to "
                    + "\"watch --web-push\" does not show here")
        ]
    }
}
