import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Puts something back before a signal ends this process, while a thread waits for keys: a shell that did not start the
/// process itself would go on with a terminal that shows nothing.
final class SignalGuard: Sendable {
    private static let numbers = [SIGTERM, SIGHUP, SIGINT, SIGQUIT]

    private let sources: Sources

    private struct Sources: @unchecked Sendable {
        let all: [any DispatchSourceSignal]
    }

    init(_ putBack: @escaping @Sendable () -> Void) {
        sources = Sources(
            all: Self.numbers.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    putBack()
                    signal(number, SIG_DFL)
                    kill(getpid(), number)
                }
                source.resume()
                return source
            })
    }

    /// The signals end this process again, as they did before.
    func release() {
        for source in sources.all { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
    }
}
