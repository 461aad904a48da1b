import DeviceKit
import Foundation
import Statements
import UnlockAgent

/// What an agent says of itself, for people and scripts.
enum AgentReport {
    /// `nil`: no agent runs.
    static func document(_ state: AgentState?) -> JSONValue {
        guard let state else { return ["agent": .bool(false), "locked": .bool(true)] }
        return [
            "agent": .bool(true), "locked": .bool(state.isLocked), "since": .text(time(state)),
            "lock_after": .integer(state.lockAfterSeconds), "idle": .integer(state.idleSeconds),
            "key_holders": .integer(state.holders), "rings_while_locked": .bool(state.listensWhileLocked),
            "hears_sleep": .bool(state.hearsSleep), "holds_sleep_up": .bool(state.holdsSleepUp),
        ]
    }

    /// One line of `status`.
    static func human(_ state: AgentState?) -> String {
        guard let state else { return "no agent: each command asks for the passphrase; \"nightbell unlock\" asks once" }
        guard !state.isLocked else { return "locked since \(LocalTime.short(time(state)))" }
        let idle = state.idleSeconds > 60 ? ", unused for \(state.idleSeconds / 60) min" : ""
        return "unlocked since \(LocalTime.short(time(state)))\(idle); locks after "
            + "\(Unlocking.words(seconds: state.lockAfterSeconds)) without use"
    }

    private static func time(_ state: AgentState) -> Timestamp {
        Timestamp(milliseconds: Int64(state.since.timeIntervalSince1970 * 1000))
    }
}
