import CTerminalGuard
import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The terminal as a screen of its own: shows frames, and tells which keys are pressed.
///
/// - One thread does everything with the terminal. ``present(_:)`` and ``ring()`` only leave word and never wait, however
///   slow the terminal is; of several frames that wait, the last one is shown.
/// - The alternate screen is used, so that nothing of a frame is left in the terminal's memory of lines.
/// - Whatever ends the process but SIGKILL, the terminal is as it was before.
public final class TerminalScreen: Sendable {
    private struct Wanted: Sendable {
        var frame: Frame?
        var rings = false
        var isClosing = false
    }

    /// How long the end waits for a terminal that takes nothing any more.
    private static let patienceSeconds = 2.0
    /// Bytes to the thread beside signals' numbers, which are below 65.
    private static let newsByte: UInt8 = 200

    /// Ctrl-L, as elsewhere.
    private static let drawAnew = Key.character("\u{0C}")

    private let wanted = Mutex(Wanted())
    private let hasEnded = DispatchSemaphore(value: 0)
    private let waking: (reading: Int32, writing: Int32)
    private let deliver: @Sendable (TerminalEvent) -> Void

    /// Looks whether ``open(environment:deliver:)`` would find a terminal that can show a screen. Changes nothing.
    public static func check(environment: [String: String]) throws(TerminalError) { _ = try Curses.check(environment) }

    /// Whether the terminal of standard input is this job's, or controls nobody here and so has no foreground to be told from.
    public static var isInForeground: Bool {
        let foreground = tcgetpgrp(STDIN_FILENO)
        return foreground < 0 || foreground == getpgrp()
    }

    /// Takes the terminal of standard input and output.
    /// - Parameters:
    ///   - environment: `TERM`, `NO_COLOR`.
    ///   - deliver: Hears what happens, on the terminal's thread; must not wait. First of the size.
    /// - Throws: That there is no terminal, or none that can show a screen.
    public static func open(
        environment: [String: String], deliver: @escaping @Sendable (TerminalEvent) -> Void
    ) throws(TerminalError) -> TerminalScreen {
        let curses = try Curses.check(environment)
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw Curses.unusable("no pipe can be made") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let restore = curses.restoring
        guard unsafe terminal_guard_arm(STDOUT_FILENO, ends[1], restore, restore.count) == 0 else {
            Curses.closeAll(ends)
            throw Curses.unusable("its settings cannot be read")
        }
        let screen = TerminalScreen(waking: (ends[0], ends[1]), deliver: deliver)
        do throws(TerminalError) {
            try curses.start()
        } catch {
            terminal_guard_disarm()
            Curses.closeAll(ends)
            throw error
        }
        Thread.detachNewThread { screen.serve(curses) }
        return screen
    }

    private init(waking: (reading: Int32, writing: Int32), deliver: @escaping @Sendable (TerminalEvent) -> Void) {
        self.waking = waking
        self.deliver = deliver
    }

    /// Shows a frame as soon as the terminal takes it.
    public func present(_ frame: Frame) { leave { $0.frame = frame } }

    /// Rings the terminal's bell.
    public func ring() { leave { $0.rings = true } }

    /// Gives the terminal back. Nothing is shown afterwards.
    public func close() {
        leave { $0.isClosing = true }
        if hasEnded.wait(timeout: .now() + Self.patienceSeconds) == .timedOut {
            // It hangs in a write. Whoever reads that terminal finds it as it was.
            terminal_guard_restore()
        } else {
            hasEnded.signal()
        }
        terminal_guard_disarm()
    }

    private func leave(_ change: (inout Wanted) -> Void) {
        wanted.withLock { change(&$0) }
        var byte = Self.newsByte
        // A full pipe wakes the thread as well.
        _ = unsafe write(waking.writing, &byte, 1)
    }

    // MARK: The thread

    private func serve(_ curses: Curses) {
        defer {
            curses.end()
            hasEnded.signal()
        }
        deliver(.resized(columns: curses.size.columns, rows: curses.size.rows))
        var last: Frame?
        var isPaused = false
        while true {
            var waits = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: waking.reading, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&waits, nfds_t(waits.count), -1) >= 0 || errno == EINTR else { return }
            for signal in takeSignals() { handle(signal, curses, last, &isPaused) }
            let wanted = wanted.withLock { wanted in
                defer { wanted = Wanted(isClosing: wanted.isClosing) }
                return wanted
            }
            if wanted.isClosing { return }
            last = wanted.frame ?? last
            // The shell has the terminal, until it says that we go on.
            if isPaused { continue }
            if wanted.rings { curses.ring() }
            if let frame = wanted.frame { curses.draw(frame) }
            let keys = curses.keys()
            // Something else may have written on the terminal.
            if keys.contains(Self.drawAnew) { curses.resume(last) }
            if !keys.isEmpty { deliver(.keys(keys.filter { $0 != Self.drawAnew })) }
            if Int32(waits[0].revents) & (POLLHUP | POLLERR | POLLNVAL) != 0 {
                // The terminal is gone: nobody presses a key any more, and asking again would never end.
                deliver(.ending(signal: SIGHUP))
                return
            }
        }
    }

    private func takeSignals() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        var signals: [Int32] = []
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(waking.reading, $0.baseAddress!, $0.count) }
            guard count > 0 else { return signals }
            signals += bytes[..<count].filter { $0 != Self.newsByte }.map { Int32($0) }
        }
    }

    private func handle(_ signal: Int32, _ curses: Curses, _ last: Frame?, _ isPaused: inout Bool) {
        switch signal {
        case SIGTSTP:
            // Told twice before it could stop: whoever brings it back once means both.
            guard !isPaused else { return }
            curses.end()
            isPaused = true
            // This thread may run on for a moment: it goes on with the terminal when SIGCONT says so.
            kill(getpid(), SIGSTOP)
        case SIGCONT:
            // Not for the background: there it waits, stopped, until somebody brings it back.
            guard Self.isInForeground else {
                isPaused = true
                kill(getpid(), SIGSTOP)
                return
            }
            isPaused = false
            curses.resume(last)
            tellSize(curses)
        case SIGWINCH: tellSize(curses)
        default: deliver(.ending(signal: signal))
        }
    }

    private func tellSize(_ curses: Curses) {
        curses.takeSize()
        deliver(.resized(columns: curses.size.columns, rows: curses.size.rows))
    }
}
