import DeviceKit
import Statements

/// Which messages are acknowledged and not closed, and when somebody was last reminded of each.
struct TakenUpPlan {
    private var reminded: [MessageID: Timestamp?] = [:]

    var messages: [MessageID] { reminded.keys.sorted() }

    /// A message is taken up; the same again changes nothing.
    mutating func add(_ message: MessageID) { if reminded[message] == nil { reminded[message] = .some(nil) } }

    /// It is closed, or in other hands.
    /// - Returns: Whether somebody was reminded of it.
    mutating func remove(_ message: MessageID) -> Bool { (reminded.removeValue(forKey: message) ?? nil) != nil }

    /// Whether to remind of a message now: each time once.
    mutating func isDue(_ message: MessageID, _ taken: TakenUp, reopenSeconds: UInt64, now: Timestamp) -> Bool {
        guard let last = reminded[message],
            let moment = taken.comesBack(after: last, reopenSeconds: reopenSeconds), moment <= now
        else { return false }
        reminded[message] = now
        return true
    }
}
