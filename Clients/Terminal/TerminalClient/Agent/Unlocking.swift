import DeviceKit
import Processes
import Secrets
import StoreKeying
import UnlockAgent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Hands the store key to the agent, and starts one when there is none.
enum Unlocking {
    /// 15 minutes: the time of a policy that nobody changed.
    static let standardSeconds: UInt32 = 900
    /// 10 s. Two agents may be started at once; the second finds the first after some milliseconds.
    private static let patience = Duration.seconds(10)

    /// - Parameters:
    ///   - source: What opens the store key.
    ///   - personal: A shorter time than the organisation's until it locks; a longer one changes nothing.
    /// - Returns: A connection to the unlocked agent.
    /// - Throws: ``DeviceKitError``; the agent is as it was.
    static func unlock(
        profile directory: String, with source: UnlockSource, lockAfter personal: UInt32?, role: AgentRole
    ) throws -> AgentConnection {
        let key = try Profile.storeKey(directory, unlock: source)
        // The store must open with it before anybody relies on that.
        let profile = try Profile.open(directory, keys: DirectStoreKeys(storeKey: key))
        let policy = UInt32(clamping: try profile.lockAfterSeconds() ?? UInt64(standardSeconds))
        let agent = try connect(directory, role: role)
        do {
            try agent.unlock(key)
            try agent.setLockAfter(seconds: min(policy, personal ?? policy))
        } catch {
            throw Self.describing(error)
        }
        return agent
    }

    private static func connect(_ directory: String, role: AgentRole) throws -> AgentConnection {
        let deadline = SuspendingClock.now + patience
        let place = AgentPlace(profile: directory)
        var isFirst = true
        var stranger: AgentStranger?
        repeat {
            switch AgentConnection.find(profile: directory, role: role, isPerson: true) {
            case .agent(let agent): return agent
            case .none: stranger = nil
            case .stranger(let found): stranger = found
            }
            // A new one puts its own socket in the place of what nobody of ours listens at.
            if isFirst || !place.isTaken, let agent = start(directory, role: role) { return agent }
            isFirst = false
            usleep(50_000)
        } while SuspendingClock.now < deadline
        throw stranger.map { DeviceKitError($0, profile: directory) } ?? .agentSilent(directory)
    }

    private static func start(_ directory: String, role: AgentRole) -> AgentConnection? {
        guard let (ours, theirs) = UnixSocket.pair() else { return nil }
        let arguments = ["agent", "--profile", directory, "--handed-over"]
        let child = ChildProgram.start(arguments, handingOver: [theirs], apart: true)
        close(theirs)
        guard child != nil else {
            close(ours)
            return nil
        }
        return AgentConnection(connected: ours, role: role, isPerson: true)
    }

    static func describing(_ error: AgentError) -> DeviceKitError {
        switch error {
        case .gone:
            DeviceKitError(
                "agent_gone", .tryAgain, "the agent of this profile does not answer any more", next: "try again")
        case .wrongKey:
            DeviceKitError(
                "agent_other_key", .tryAgain,
                "what answers as the agent of this profile holds another profile's key: perhaps that of one that was in this folder before",
                next: "end it with \"nightbell lock --end\", and unlock again")
        case .stillUnlocked:
            DeviceKitError(
                "agent_not_locked", .failed,
                "what answers as the agent of this profile says that it has locked, and is unlocked: another command may have "
                    + "unlocked it meanwhile, or it is no agent of Nightbell",
                next: "repeat \"nightbell lock\"; if it stays so, \(DeviceKitError.endingAgent(process: nil))")
        case .memoryNotLockable:
            DeviceKitError(
                "memory_not_lockable", .refused,
                "the system lets the agent lock no memory, so the key could be written to the swap partition",
                next:
                    "raise the limit (\"ulimit -l 64\", or LimitMEMLOCK= in a unit); until then each command asks for "
                    + "the passphrase itself")
        }
    }

    /// "15 minutes", "90 seconds".
    static func words(seconds: UInt32) -> String {
        seconds % 60 == 0 && seconds > 60
            ? "\(seconds / 60) minutes" : seconds == 60 ? "1 minute" : "\(seconds) seconds"
    }
}
