import DeviceKit
import Statements

/// Whether others can seal messages to this device, and with keys that are used once.
struct PrekeysCheck: DoctorCheck {
    static let name = "prekeys"
    /// Half of a batch: below it a device makes new ones.
    private static let refill = 32
    /// A device below this is asked for more.
    private static let few = 8
    /// Fallback keys are renewed after 7 days and opened for 37.
    private static let oldDays: Int64 = 8
    private static let deadDays: Int64 = 37

    /// One-time keys that the relay has left; `nil` when it was not asked.
    let left: Int?
    /// One-time keys whose private halves are here.
    let held: Int
    /// When the newest published fallback key was made.
    let fallback: Timestamp?
    let now: Timestamp

    func judge() -> [CheckResult] {
        let repair = "run \"nightbell inbox\", which makes and publishes new ones"
        guard let fallback else {
            return [Self.problem("this device has published no keys: nothing can be sealed to it", next: repair)]
        }
        let days = max(0, now.milliseconds(since: fallback)) / 86_400_000
        if days >= Self.deadDays {
            return [
                Self.problem(
                    "the fallback key is \(days) days old and void: once the one-time keys are used up, nothing can be sealed to "
                        + "this device", next: repair)
            ]
        }
        var results: [CheckResult] = []
        if let left, left < Self.few {
            results.append(
                Self.warning(
                    left == 0
                        ? "no one-time key is left: messages are sealed to the fallback key, which is kept for 37 days"
                        : "only \(left) one-time keys are left", next: repair))
        } else if left == nil, held < Self.refill {
            results.append(
                Self.warning(
                    "only \(held) one-time keys are here; how many the relay has left was not asked", next: repair))
        }
        if days >= Self.oldDays {
            results.append(
                Self.warning("the fallback key is \(days) days old, and should be renewed every 7", next: repair))
        }
        guard results.isEmpty else { return results }
        let count = left.map { "\($0) one-time keys left at the relay" } ?? "\(held) one-time keys here"
        return [Self.ok("\(count); the fallback key is \(days == 0 ? "of today" : "\(days) days old")")]
    }
}
