import Statements

/// What waits here for the relay, and what nobody will get.
struct OutboxCheck: DoctorCheck {
    static let name = "outbox"

    let receipts: Int
    let sends: Int
    let refused: Int

    func judge() -> [CheckResult] {
        var results: [CheckResult] = []
        if sends > 0 {
            results.append(
                Self.problem(
                    "\(sends.counted("message")) written here did not reach the relay: nobody has \(sends == 1 ? "it" : "them")",
                    next: "run \"nightbell sent\", which sends what waits; if it is urgent, telephone"))
        }
        if refused > 0 {
            results.append(
                Self.warning(
                    "\(refused.counted("message")) will never be sent: refused (see \"nightbell sent\")",
                    next: "send anew what is still wanted; \"nightbell sent --dismiss MSG\" takes one off the list"))
        }
        if receipts > 0 {
            results.append(
                Self.warning(
                    "\(receipts.counted("receipt")) not yet known to the senders",
                    next: "run \"nightbell inbox\" when the relay can be reached"))
        }
        return results.isEmpty ? [Self.ok("nothing waits here for the relay")] : results
    }
}
