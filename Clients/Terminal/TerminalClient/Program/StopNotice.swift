import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says what it means to be stopped (Ctrl-Z), and stops: a program that is stopped rings nobody, and looks as if it ran on.
enum StopNotice {
    static let words = "stopped: while it is, nothing rings here; \"fg\" lets it ring again"
    /// For what fills the screen, when it is continued in the background.
    static let behind =
        "the screen cannot run in the background and stays stopped: nothing rings here; \"fg\" lets it ring again"

    /// - Returns: What says it, until it is cancelled; `nil` where whoever started this program lets nobody stop it.
    static func hold(_ say: @escaping @Sendable (String) -> Void) -> (any DispatchSourceSignal)? {
        let before = unsafe unsafeBitCast(signal(SIGTSTP, SIG_IGN), to: Int.self)
        let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
        guard before != ignored else { return nil }
        let source = DispatchSource.makeSignalSource(signal: SIGTSTP)
        source.setEventHandler {
            say(words)
            kill(getpid(), SIGSTOP)
        }
        source.resume()
        return source
    }
}
