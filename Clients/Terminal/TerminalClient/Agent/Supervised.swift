import DeviceKit
import Foundation
import UnlockAgent

/// Runs what stays (`ui`, `watch`) as two processes: one that keeps the terminal and never sees a plaintext, and its child
/// that decodes and draws, holds keys, and is ended when the profile locks.
///
/// ```swift
/// func perform(_ context: CommandContext) async throws {
///     try await Supervised.run(context, surface: .fullScreen) { session in … }
/// }
/// ```
enum Supervised {
    /// How the worker uses the terminal.
    enum Surface: Sendable {
        /// The alternate screen: cleared when it locks; the locked screen takes its place.
        case fullScreen
        /// Lines on standard output.
        case lines
    }

    /// - Parameters:
    ///   - ringer: Rings in the supervisor when something waits while it is locked, and takes away what the worker has shown.
    ///   - pages: Where pages come from: read here while it is locked, and handed to the worker.
    ///   - work: The worker. It runs in a process of its own, or in this one where a key file or passphrase file is given
    ///     to lines: a service has no terminal to keep, and unlocks itself.
    static func run(
        _ context: CommandContext, surface: Surface, ringer: LockedRinger? = nil, pages: PageSource? = nil,
        _ work: (DeviceSession) async throws -> Void
    ) async throws {
        if context.isWorker {
            Lifeline.hold(surface)
            // Beside the work, which waits for no network.
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await RingTicket.keepLeaving(context) }
                group.addTask { await Lifeline.beat() }
                defer { group.cancelAll() }
                try await context.withSession(work)
            }
        }
        if surface == .lines, context.hasUnlockFile { return try await context.withSession(work) }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let agent = try agent(context)
        // A thread of its own: it waits for the terminal, its child and the agent.
        let status = await withTaskGroup(of: Void.self) { group in
            group.addTask { await ringer?.run() }
            defer { group.cancelAll() }
            return await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(
                        returning: Supervisor(
                            context: context, surface: surface, arguments: arguments, agent: agent, ringer: ringer,
                            pages: pages
                        ).run())
                }
            }
        }
        if status != 0 { throw FinishedWith(status: ExitStatus(rawValue: status) ?? .failed) }
    }

    /// The agent, which may be locked: then the supervisor begins with the locked screen. Without one the passphrase is
    /// asked for at once.
    private static func agent(_ context: CommandContext) throws -> AgentConnection {
        try Profile.check(context.profileDirectory)
        if !context.hasUnlockFile,
            let agent = AgentConnection(profile: context.profileDirectory, role: .supervisor, isPerson: true)
        {
            return agent
        }
        return try Unlocking.unlock(
            profile: context.profileDirectory, with: context.unlockSource(), lockAfter: nil, role: .supervisor)
    }
}
