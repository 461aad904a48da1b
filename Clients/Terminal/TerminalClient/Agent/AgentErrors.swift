import DeviceKit
import UnlockAgent

extension DeviceKitError {
    /// A process holds the agent's place and says nothing.
    static func agentSilent(_ directory: String) -> DeviceKitError {
        DeviceKitError(
            "agent_silent", .tryAgain,
            "an agent of this profile runs and does not answer: whether it is locked is not known",
            next:
                "try again; if it stays so, end the process \"nightbell agent --profile '\(directory)'\": its key goes with it"
        )
    }

    /// What stands where the agent of a profile is to be, and is none.
    init(_ stranger: AgentStranger, profile directory: String) {
        let place = "the place of this profile's agent (\"\(stranger.path)\")"
        let away = "move it away: mv '\(stranger.path)' '\(directory).moved'"
        let again = "then unlock with \"nightbell unlock\""
        let process = stranger.process.map { "process \($0)" } ?? "a process"
        let end = "end \(stranger.process.map { "process \($0)" } ?? "that process"), \(again)"
        switch stranger.kind {
        case .link:
            self.init(
                "agent_foreign", .refused,
                "a symbolic link stands in \(place): it is no agent, and nothing was asked there",
                next: "\(away); \(again)")
        case .foreign:
            self.init(
                "agent_foreign", .refused,
                "something that no agent made stands in \(place): no agent can be asked there",
                next: "\(away); \(again)")
        case .otherUser:
            self.init(
                "agent_foreign", .refused,
                "something of another user (\(process)) stands in \(place): it is no agent of yours, and got no key",
                next: "\(away); \(again)")
        case .silent:
            self.init(
                "agent_silent", .tryAgain,
                "\(process) listens in \(place) and gives no whole answer within 5 s: whether it is locked is not known",
                next: "try again; if it stays so, \(end): an agent's key goes with its process")
        case .noAgent:
            self.init(
                "agent_foreign", .refused,
                "\(process) answers in \(place), and is not that agent: it got no key",
                next: end)
        }
    }
}
