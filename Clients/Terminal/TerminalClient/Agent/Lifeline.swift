import Foundation
import Processes
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ties a worker to its supervisor: descriptor 3 is a socket whose other end only the supervisor has.
///
/// When the supervisor is gone, however it ended, the worker restores the terminal and ends: no screen is left without
/// somebody who would clear it.
enum Lifeline {
    /// 500 ms for a terminal that takes nothing: keys of a locked profile wait no longer for it.
    private static let clearingMicroseconds: UInt32 = 500_000

    /// On what a screen is drawn here.
    private static let drawn = Mutex<TerminalState?>(nil)

    static func hold(_ surface: Supervised.Surface) {
        let terminal = TerminalState.current()
        if surface == .fullScreen { drawn.withLock { $0 = terminal } }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = unsafe read(ChildProgram.firstHandedOver, &byte, 1)
                if count > 0 || (count < 0 && errno == EINTR) { continue }
                break
            }
            RingProgram.endAll()
            terminal?.restore(leaving: surface)
            _exit(ExitStatus.failed.rawValue)
        }
    }

    /// Before this process ends at once: takes away what it drew when its supervisor is stopped. That one cannot, and the agent,
    /// which could, may be gone.
    static func clearBehindTheStopped() {
        guard ParentProcess.isStopped, let terminal = drawn.withLock({ $0 }) else { return }
        Thread.detachNewThread {
            usleep(clearingMicroseconds)
            kill(getpid(), SIGKILL)
        }
        if let rescue = terminal.rescue(leaving: .fullScreen).flatMap({
            TerminalRescue($0, session: getsid(0), group: getpgrp())
        }) {
            rescue.restore()
        } else {
            // Not to be opened by its name: another user's, after su.
            terminal.restore(leaving: .fullScreen)
        }
    }

    /// Says again and again that this process works, until the task is cancelled.
    ///
    /// Where tasks run, not where the screen is drawn: a terminal that takes nothing for a while (a broken ssh) is no fault of
    /// this process, and whoever writes there keeps their words.
    static func beat() async {
        repeat { _ = tell(WorkerWord(.alive)) } while (try? await Task.sleep(for: WorkerPulse.pause)) != nil
    }

    /// Tells the supervisor something that it must know when this process is gone.
    /// - Returns: Whether it was told: never waits for it.
    @Sendable static func tell(_ word: WorkerWord) -> Bool {
        let bytes = word.bytes
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return unsafe bytes.withUnsafeBytes { buffer in
            unsafe send(ChildProgram.firstHandedOver, buffer.baseAddress!, buffer.count, flags)
        } == bytes.count
    }

    /// What a worker has told, without waiting for it.
    /// - Returns: `nil` when nothing more will come.
    static func told(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil }
        return Array(bytes[..<count])
    }
}
