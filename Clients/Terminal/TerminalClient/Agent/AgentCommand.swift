import ArgumentParser
import DeviceKit
import Dispatch
import Foundation
import Processes
import UnlockAgent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `nightbell agent`: the agent's process itself. `unlock`, `ui` and `watch` start it; nobody types it.
struct AgentCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Hold the store key of a profile (started by \"nightbell unlock\").",
        shouldDisplay: false)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    /// Descriptor 3 is a socket whose other end started this agent.
    @Flag(help: .hidden) var handedOver = false

    func perform(_ context: CommandContext) async throws {
        try Profile.check(context.profileDirectory)
        guard let seat = AgentPlace(profile: context.profileDirectory).take() else {
            throw DeviceKitError(
                "agent_runs", .tryAgain, "an agent of this profile runs already, or its folder cannot be used",
                next: "unlock it with \"nightbell unlock\"")
        }
        guard let inbox = AgentInbox() else {
            throw DeviceKitError(
                "no_descriptors", .failed, "no files can be opened", next: "raise the limit: ulimit -n")
        }
        let signals = Self.signals(inbox)
        let first = handedOver ? ChildProgram.firstHandedOver : nil
        let ringing = RingService(inbox)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await ringing.run() }
            // A thread of its own: it waits for sockets, and the pool's threads are for those who do not block.
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    AgentServer(
                        seat: seat, first: first, inbox: inbox, ringing: ringing,
                        lockAfterSeconds: Unlocking.standardSeconds
                    ).run()
                    continuation.resume()
                }
            }
            ringing.finish()
        }
        seat.leave()
        signals.forEach { $0.cancel() }
    }

    /// A hang-up locks, a request to end ends; neither is lost, whichever thread it meets.
    private static func signals(_ inbox: AgentInbox) -> [any DispatchSourceSignal] {
        [(SIGHUP, { inbox.lock(.hangUp) }), (SIGTERM, inbox.end), (SIGINT, inbox.end)].map { number, act in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { act() }
            source.resume()
            return source
        }
    }
}
