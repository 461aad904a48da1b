import DeviceKit
import Foundation
import Synchronization
import UnlockAgent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ends a process that holds keys of the agent when the agent locks, or is gone: nothing outlives the lock.
final class Leash: Sendable {
    private let isHeld = Atomic(true)

    /// This process has none of the agent's keys after all.
    func slip() { isHeld.store(false, ordering: .sequentiallyConsistent) }

    /// Listens on a thread of its own from now on.
    /// - Parameter end: Ends the process, with what is to be said. A process that is ended at any point loses nothing.
    @discardableResult
    static func hold(
        profile directory: String, role: AgentRole, _ end: @escaping @Sendable (DeviceKitError) -> Never
    ) throws -> Leash {
        let leash = Leash()
        guard let agent = AgentConnection(profile: directory, role: role, isPerson: false) else {
            throw DeviceKitError.agentGone
        }
        Thread.detachNewThread {
            agent.listen { notice in
                guard leash.isHeld.load(ordering: .sequentiallyConsistent) else { return false }
                switch notice {
                case .locked(let reason): end(locked(reason))
                case nil:
                    // Gone with the key because this very process erases the profile: it has that to finish and to say.
                    if Profile.isErased(directory) { return false }
                    end(.agentGone)
                case .unlocked, .ring, .link: return true
                }
            }
        }
        // It may have locked between the first key and now.
        if agent.greeted.isLocked { throw DeviceKitError.profileLocked }
        return leash
    }

    /// For a command: says why, and ends with 79.
    /// - Parameter step: What is to be done then, as the command knows it.
    static func ending(_ console: Console, _ step: StepAtLock) -> @Sendable (DeviceKitError) -> Never {
        { error in
            console.fail(step.applied(to: error))
            _exit(ExitStatus.locked.rawValue)
        }
    }

    /// For a worker: without a word, which is its supervisor's to say, and with whatever it drew left to that one to clear,
    /// unless that one is stopped.
    static let endingAtOnce: @Sendable (DeviceKitError) -> Never = { _ in
        RingProgram.endAll()
        Lifeline.clearBehindTheStopped()
        kill(getpid(), SIGKILL)
        _exit(ExitStatus.locked.rawValue)
    }

    static func locked(_ reason: LockReason) -> DeviceKitError {
        DeviceKitError(
            "locked", .locked, "the profile was \(reason.sentence)",
            next: reason == .revoked
                ? "see \"nightbell status\""
                : "unlock it with \"nightbell unlock\" and repeat the command: nothing is lost")
    }
}
