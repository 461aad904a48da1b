import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Signals that ask a supervisor to end, to stop for a while, or to draw anew, as something that it can poll.
final class SupervisorSignals: Sendable {
    private let reading: Int32
    private let sources: Sources

    private final class Sources: @unchecked Sendable {
        let all: [any DispatchSourceSignal]
        init(_ all: [any DispatchSourceSignal]) { self.all = all }
    }

    /// - Parameter hasTerminal: Whether somebody can stop it there (Ctrl-Z), when it must see to its worker first, wake it, or
    ///   change its size.
    init(hasTerminal: Bool) {
        var ends: [Int32] = [-1, -1]
        precondition(unsafe pipe(&ends) == 0, "no descriptors left")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let (reading, writing) = (ends[0], ends[1])
        self.reading = reading
        sources = Sources(
            ([SIGTERM, SIGHUP, SIGINT, SIGQUIT] + (hasTerminal ? [SIGTSTP, SIGCONT, SIGWINCH] : [])).map { number in
                // These end nothing by themselves, and a worker inherits what is ignored here: it would never hear of it.
                if number != SIGWINCH && number != SIGCONT { signal(number, SIG_IGN) }
                let source = DispatchSource.makeSignalSource(signal: number)
                source.setEventHandler {
                    var byte = UInt8(number)
                    _ = unsafe write(writing, &byte, 1)
                }
                source.resume()
                return source
            })
    }

    /// What to poll.
    var descriptor: Int32 { reading }

    /// The signals that came.
    func take() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe read(reading, &bytes, bytes.count)
        return count > 0 ? bytes[..<count].map { Int32($0) } : []
    }
}
