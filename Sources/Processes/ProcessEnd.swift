#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a child ended.
public enum ProcessEnd: Sendable, Equatable {
    case code(Int32)
    case signal(Int32)
    /// Somebody else waited for it.
    case lost

    /// Waits for a child of this process.
    init(waitingFor pid: Int32) {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else {
                self = .lost
                return
            }
        }
        let signal = status & 0x7F
        self = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    }
}
