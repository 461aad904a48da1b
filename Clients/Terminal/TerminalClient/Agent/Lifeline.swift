import Foundation
import Processes

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
    static func hold(_ surface: Supervised.Surface) {
        let terminal = TerminalState.current()
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
