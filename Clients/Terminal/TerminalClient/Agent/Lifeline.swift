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
            terminal?.restore(leaving: surface)
            _exit(ExitStatus.failed.rawValue)
        }
    }
}
