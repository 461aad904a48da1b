import DeviceKit

/// Whether the unlock agent runs, and is one that only its owner can talk to.
struct AgentCheck: DoctorCheck {
    static let name = "agent"

    /// What it knows of this machine's sleep.
    enum Sleep: Sendable, Equatable {
        /// It locks before the machine sleeps.
        case heldUp
        /// It is told, and the machine does not wait for it.
        case heard
        case unheard
    }

    enum Finding: Sendable, Equatable {
        case none
        /// A process holds the agent's lock and does not answer.
        case silent
        /// Something stands in its place that is no agent.
        case stranger(DeviceKitError)
        /// - Parameter hears: Whether it hears when a message waits.
        case locked(hears: Bool)
        case unlocked(lockAfterSeconds: UInt32, sleep: Sleep)
    }

    let finding: Finding
    /// Permission bits of the socket, when there is one.
    let socketMode: UInt32?
    /// Whether the profile is opened by a file: then nobody needs an agent.
    let isOpenedByFile: Bool

    func judge() -> [CheckResult] {
        if let socketMode, socketMode & 0o077 != 0 {
            return [
                Self.problem(
                    "the agent's socket can be used by others (mode \(String(socketMode, radix: 8)))",
                    next: "run \"nightbell lock\", then \"nightbell unlock\": the agent makes it anew")
            ]
        }
        switch finding {
        case .none:
            return [
                Self.ok(
                    isOpenedByFile ? "none runs, and none is needed" : "none runs: each command asks for the passphrase"
                )
            ]
        case .silent:
            return [
                Self.problem(
                    "an agent runs and does not answer",
                    next: "end the process \"nightbell agent\" of this profile: its key goes with it")
            ]
        case .stranger(let error): return [Self.problem(error.message, next: error.next)]
        case .locked(let hears):
            return [Self.ok("it runs, and is locked\(hears ? "; it hears when a message waits" : "")")]
        case .unlocked(let seconds, let sleep):
            let after = LocalTime.span(milliseconds: Int64(seconds) * 1000)
            let state = "it runs, and is unlocked; it locks after \(after) without you"
            let trouble: String
            switch sleep {
            case .heldUp: return [Self.ok(state)]
            case .heard: trouble = "this machine may fall asleep before it has locked"
            case .unheard: trouble = "nobody tells it when this machine goes to sleep"
            }
            return [
                Self.warning("\(state), but \(trouble)", next: "run \"nightbell lock\" before you close the lid")
            ]
        }
    }
}
