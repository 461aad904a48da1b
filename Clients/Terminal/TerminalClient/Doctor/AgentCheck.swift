/// Whether the unlock agent runs, and is one that only its owner can talk to.
struct AgentCheck: DoctorCheck {
    static let name = "agent"

    enum Finding: Sendable, Equatable {
        case none
        /// A process holds the agent's lock and does not answer.
        case silent
        case locked
        case unlocked(lockAfterSeconds: UInt32, hearsSleep: Bool)
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
        case .locked: return [Self.ok("it runs, and is locked")]
        case .unlocked(let seconds, let hearsSleep):
            let after = LocalTime.span(milliseconds: Int64(seconds) * 1000)
            let state = "it runs, and is unlocked; it locks after \(after) without you"
            guard !hearsSleep else { return [Self.ok(state)] }
            return [
                Self.warning(
                    "\(state), but nobody tells it when this machine goes to sleep",
                    next: "run \"nightbell lock\" before you close the lid")
            ]
        }
    }
}
