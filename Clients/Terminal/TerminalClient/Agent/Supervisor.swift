import DeviceKit
import Dispatch
import Foundation
import Processes
import Synchronization
import TerminalScreen
import UnlockAgent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps the terminal for a worker: starts it, ends it when the profile locks, clears what it drew, waits with a locked
/// screen for the passphrase, and starts it anew. Holds no key and no plaintext, ever.
final class Supervisor {
    private enum Phase {
        case working(WorkerProcess)
        case locked(LockedScreen)
        case finished(Int32)
    }

    /// 3 s for a worker that was asked to end.
    private static let endGrace = Duration.seconds(3)
    /// 2 s: a worker that finds no key sooner than that will find none when it is started again.
    private static let leastWork = Duration.seconds(2)
    /// 1 s for a worker to hear of it by itself that it is to leave the screen before the shell has the terminal, and 5 s when it
    /// was told.
    private static let stopGrace = (unasked: Duration.seconds(1), told: Duration.seconds(5))

    /// 10 s between two looks whether the agent of a locked profile still answers: one that is stopped hears nothing that comes.
    private static let agentPause = Duration.seconds(10)

    private let context: CommandContext
    private let surface: Supervised.Surface
    private let arguments: [String]
    private let ringer: LockedRinger?
    private let pages: PageSource?
    private let lockedPages: LockedPages?
    private let terminal = TerminalState.current()
    private let inbox: SupervisorSignals
    private var deadlines = LockedDeadlines()
    private var agent: AgentConnection?
    private var agentDescriptor: Int32 = -1
    /// When it was last heard.
    private var agentHeard = ContinuousClock.now
    private var endsBy: ContinuousClock.Instant?
    private var isRevoked = false
    /// Since when the screen says "locked" of an agent that did not answer whoever wanted it locked.
    private var owesLock: Date?

    init(
        context: CommandContext, surface: Supervised.Surface, arguments: [String], agent: AgentConnection,
        ringer: LockedRinger?, pages: PageSource? = nil
    ) {
        self.context = context
        self.surface = surface
        self.arguments = arguments
        self.ringer = ringer
        self.pages = pages
        lockedPages = pages.flatMap { LockedPages($0) }
        inbox = SupervisorSignals(hasTerminal: terminal != nil)
        take(agent)
    }

    private func take(_ agent: AgentConnection) {
        if let body = terminal?.rescue(leaving: surface) { agent.guardTerminal(body) }
        self.agent = agent
        agentDescriptor = agent.beginListening()
    }

    private func dropAgent() { (agent, agentDescriptor) = (nil, -1) }

    /// Over a connection of its own: the one that hears can ask nothing.
    private func reachAgent() -> AgentConnection? {
        AgentConnection(profile: context.profileDirectory, role: .supervisor, isPerson: false)
    }

    /// - Returns: The status to end with.
    func run() -> Int32 {
        // Asked anew: when it greeted us it may have been locked, and have been unlocked by us since.
        var phase: Phase = standing == .unlocked ? start() : lock(reason: nil)
        while true {
            switch phase {
            case .finished(let status):
                ringer?.finish()
                return status
            case .working(let child): phase = work(child)
            case .locked(let screen): phase = wait(screen)
            }
        }
    }

    // MARK: Working

    private func start() -> Phase {
        if surface == .lines { terminal?.ignorePauses() }
        do {
            return .working(try WorkerProcess(arguments, handingOver: pages?.handedOver ?? []))
        } catch {
            return finished(with: error)
        }
    }

    private func work(_ child: WorkerProcess) -> Phase {
        var polled = [
            pollfd(fd: child.process.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: agentDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.isSilent ? -1 : child.lifeline, events: Int16(POLLIN), revents: 0),
        ]
        let pause = endsBy == nil ? Self.milliseconds(WorkerPulse.pause) : 100
        guard unsafe poll(&polled, 4, pause) >= 0 || errno == EINTR else { return .working(child) }
        // What the agent says first: a worker that it ended did not crash.
        if polled[1].revents != 0, let phase = hear(child) { return phase }
        if polled[0].revents != 0 { return ended(child) }
        if polled[3].revents != 0 { child.listen(hear) }
        // Ctrl-C reaches the worker by the terminal, whose foreground it shares.
        for number in inbox.take() where number != SIGWINCH && (number != SIGINT || terminal == nil) {
            switch number {
            case SIGTSTP:
                stop(behind: child)
                continue
            // As Ctrl-C, and the worker may go at once.
            case SIGQUIT where terminal != nil:
                if endsBy == nil { endsBy = .now + Self.endGrace }
                continue
            // Whoever wakes this process alone means both; behind another program a worker would draw over what that writes.
            case SIGCONT:
                guard TerminalScreen.isInForeground else {
                    // A screen has nothing to do there: it would look as if it rang.
                    if surface == .fullScreen {
                        context.console.warn(StopNotice.behind)
                        stop(behind: child)
                    }
                    continue
                }
                if surface == .lines { terminal?.ignorePauses() }
            default: if endsBy == nil { endsBy = .now + Self.endGrace }
            }
            child.process.signal(number)
        }
        if let endsBy, ContinuousClock.now > endsBy { child.process.signal(SIGKILL) }
        return child.hasStopped() && endsBy == nil ? replace(child) : .working(child)
    }

    /// It rings for nothing, and what it shows is old.
    private func replace(_ child: WorkerProcess) -> Phase {
        child.process.signal(SIGKILL)
        _ = reap(child)
        terminal?.restore(leaving: surface)
        ringTerminal()
        if child.isWriting { context.console.warn(LockedWords.lost(by: "when it was ended")) }
        context.console.warn(
            "the process that shows messages did nothing for \(WorkerPulse.patience.components.seconds) s (somebody stopped it, or it hung): it was "
                + "ended and is started anew; nothing that was received or answered is lost")
        return start()
    }

    /// Ctrl-Z reaches the worker as well. The shell waits for this process: it must not ask for the next command on a
    /// screen that the worker is about to leave.
    private func stop(behind child: WorkerProcess) {
        if !ChildProgram.waitUntilStopped(child.process.pid, atMost: Self.stopGrace.unasked) {
            // Somebody meant this process alone: a worker that went on would draw over what the shell writes.
            child.process.signal(SIGTSTP)
            ChildProgram.waitUntilStopped(child.process.pid, atMost: Self.stopGrace.told)
        }
        kill(getpid(), SIGSTOP)
    }

    private func hear(_ child: WorkerProcess) -> Phase? {
        switch agent?.nextNotice() {
        case .locked(.revoked):
            // The worker may be the one that learnt of it: then it says so, and ends.
            isRevoked = true
            endsBy = .now + Self.endGrace
            return nil
        case .locked(let reason): return end(child, because: reason)
        case nil:
            dropAgent()
            return isRevoked ? nil : end(child, because: .ending)
        case .unlocked, .ring, .link: return nil
        }
    }

    private func hear(_ word: WorkerWord) {
        deadlines.take(word, at: .now)
        ringer?.heard(word)
    }

    /// The worker goes before anything else is done: what it knows, and what it has shown, must not outlast the lock.
    private func end(_ child: WorkerProcess, because reason: LockReason) -> Phase {
        child.process.signal(SIGKILL)
        _ = reap(child)
        return lock(reason: reason, behind: child)
    }

    private func reap(_ child: WorkerProcess) -> Int32 {
        defer { ringer?.workerEnded() }
        return child.reap(hear)
    }

    private func ended(_ child: WorkerProcess) -> Phase {
        let status = reap(child)
        // It was ended before it could say so itself.
        if isRevoked, status > 128 { return finished(with: revocation) }
        if status == ExitStatus.locked.rawValue || status == 128 + SIGKILL {
            switch standing {
            case .locked: return lock(reason: .asked, behind: child)
            case .silent: return lockedOut(child, owesLock: status == 128 + SIGKILL)
            // The agent was silent when somebody locked, and answers again.
            case .unlocked where child.isLocking: return lockedOut(child, owesLock: true)
            // It was without an answer for a while, and has none of the keys that it may have missed.
            case .unlocked where status == ExitStatus.locked.rawValue && child.lived > Self.leastWork: return start()
            case .unlocked: break
            }
        }
        guard status > 128, endsBy == nil else {
            // One that ended by itself has left the screen, and said why: the prompt goes below its words.
            restoreTerminal(isLeft: status <= 128)
            return .finished(status)
        }
        // From here on nothing rings: whoever sleeps beside it hears that.
        ringTerminal()
        // By a fault of its own it has left the screen and said so there.
        return finished(
            isLeft: [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP].contains(status - 128),
            with: DeviceKitError(
                "worker_ended", .failed, "the process that shows messages was ended (signal \(status - 128))",
                next: "start it again, for nothing rings here until then; whatever was received or answered is kept"))
    }

    private enum Standing {
        case locked, unlocked
        /// There is no agent, or it does not answer.
        case silent
    }

    private var standing: Standing {
        guard let asked = reachAgent() else { return .silent }
        return asked.greeted.isLocked ? .locked : .unlocked
    }

    /// Looks for an agent again and again: the one that is silent may answer later.
    /// - Parameter owes: Whether the worker went because of a lock: then that agent is locked when it is back.
    private func lockedOut(_ child: WorkerProcess, owesLock owes: Bool) -> Phase {
        owesLock = owes ? Date() : nil
        dropAgent()
        return lock(reason: .ending, behind: child)
    }

    /// What ended this device, as every command says it from now on.
    private var revocation: DeviceKitError {
        do {
            try Profile.check(context.profileDirectory)
        } catch let error as DeviceKitError where error.code == "revoked" {
            return error
        } catch {}
        return Leash.locked(.revoked)
    }

    /// - Parameter error: Looked up when the terminal is the shell's again: whoever erases the profile may hold it for a moment.
    private func finished(isLeft: Bool = false, with error: @autoclosure () -> DeviceKitError) -> Phase {
        restoreTerminal(isLeft: isLeft)
        let said = error()
        context.console.fail(said)
        return .finished(ExitStatus(said.category).rawValue)
    }

    private func ringTerminal() { if terminal != nil, !context.console.isJSON { TerminalState.put("\u{07}") } }

    // MARK: Locked

    /// - Parameter child: What was ended by the lock.
    private func lock(reason: LockReason?, behind child: WorkerProcess? = nil) -> Phase {
        // Somebody ended it at the same moment: the lock is no reason to stay.
        guard endsBy == nil else {
            restoreTerminal()
            return .finished(0)
        }
        deadlines.lock(at: .now)
        let screen = LockedScreen(
            context: context, surface: surface, terminal: terminal, reason: reason, hasAgent: agent != nil,
            awaited: deadlines.awaited, late: deadlines.overdue(at: .now).messages, left: child)
        screen.show()
        lockedPages?.begin()
        return .locked(screen)
    }

    private func wait(_ screen: LockedScreen) -> Phase {
        var polled = [
            pollfd(fd: screen.takesKeys ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: agentDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: lockedPages?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let count = unsafe poll(&polled, 4, pause(screen))
        guard count >= 0 || errno == EINTR else { return .locked(screen) }
        let now = ContinuousClock.now
        if deadlines.rings(at: now) {
            let overdue = deadlines.overdue(at: now)
            screen.passed(overdue)
            ringer?.ringOverdue(overdue)
        }
        if polled[3].revents != 0, lockedPages?.take(at: now) ?? false {
            screen.paged()
            ringer?.ringPage()
        }
        screen.followForeground()
        lookAfterAgent(screen)
        if count == 0 {
            // An agent that another command started is found here.
            if agent == nil, findAgent(screen) { return resume(screen) }
            screen.remind()
        }
        let signals = inbox.take()
        if signals.contains(where: { ![SIGTSTP, SIGCONT, SIGWINCH].contains($0) }) { return leave(screen) }
        if signals.contains(SIGWINCH) { screen.resized() }
        if signals.contains(SIGTSTP) {
            terminal?.restore(leaving: surface)
            kill(getpid(), SIGSTOP)
            screen.show()
        }
        if agent != nil, polled[1].revents != 0 {
            agentHeard = .now
            switch agent?.nextNotice() {
            case .unlocked: return resume(screen)
            case .ring(let urgency):
                screen.rang(urgency)
                ringer?.ring(urgency)
            case .locked(.revoked): return finished(with: revocation)
            case .link(let link):
                screen.changed(link)
                // The stream cannot say what waits: what the worker knew rings.
                if link == .down, let waiting = screen.waiting { ringer?.ring(waiting) }
            case .locked: break
            case nil:
                dropAgent()
                screen.lostAgent()
            }
        }
        guard polled[0].revents != 0 else { return .locked(screen) }
        switch screen.takeKeys() {
        case .nothing: return .locked(screen)
        case .leave:
            defer { screen.sayFarewell() }
            return leave(screen)
        case .unlock(let source):
            do {
                let unlocked = try Unlocking.unlock(
                    profile: context.profileDirectory, with: source, lockAfter: nil, role: .supervisor)
                take(unlocked)
                return resume(screen)
            } catch {
                screen.refused(DeviceKitError(describing: error))
                return .locked(screen)
            }
        }
    }

    /// What the screen says of ringing must stay true.
    private func lookAfterAgent(_ screen: LockedScreen) {
        guard agent != nil, .now - agentHeard >= Self.agentPause else { return }
        agentHeard = .now
        guard reachAgent() == nil else { return }
        dropAgent()
        screen.lostAgent()
    }

    /// In milliseconds; -1: until something happens.
    private func pause(_ screen: LockedScreen) -> Int32 {
        let next = deadlines.pause(at: .now).map { Self.milliseconds($0) }
        let look = agent == nil ? nil : Self.milliseconds(Self.agentPause)
        return [screen.pause < 0 ? nil : screen.pause, next, look].compactMap { $0 }.min() ?? -1
    }

    private static func milliseconds(_ duration: Duration) -> Int32 {
        Int32(clamping: Int64((max(.zero, duration) / .milliseconds(1)).rounded(.up)))
    }

    /// - Returns: Whether there is one now, and it is unlocked.
    private func findAgent(_ screen: LockedScreen) -> Bool {
        guard let found = reachAgent() else { return false }
        // One that was unlocked since is what somebody wants.
        let isOwed = owesLock.map { !found.greeted.isLocked && found.greeted.since < $0 } ?? false
        if isOwed { guard (try? found.lock()) != nil else { return false } }
        owesLock = nil
        take(found)
        guard found.greeted.isLocked || isOwed else { return true }
        screen.foundAgent(isOwed ? .asked : nil)
        return false
    }

    private func resume(_ screen: LockedScreen) -> Phase {
        screen.leave()
        lockedPages?.end()
        ringer?.unlocked()
        return start()
    }

    private func leave(_ screen: LockedScreen) -> Phase {
        screen.leave()
        restoreTerminal()
        return .finished(0)
    }

    /// Before the end: from then on the terminal is the shell's.
    private func restoreTerminal(isLeft: Bool = false) {
        terminal?.restore(leaving: surface, isLeft: isLeft)
        agent?.releaseTerminal()
    }
}
