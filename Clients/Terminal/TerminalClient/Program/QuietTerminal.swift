import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A terminal that shows nothing of what is typed, as long as this lives, and then is as it was; what was typed until then and
/// not read is thrown away.
///
/// Every key arrives as it is pressed, Ctrl-C as well. A signal that ends the process gives the terminal back first: a shell
/// that did not start the process itself would go on with one in which nothing is seen.
final class QuietTerminal: Sendable {
    private static let numbers = [SIGTERM, SIGHUP, SIGINT, SIGQUIT]

    private let terminal: Int32
    private let before: termios?
    private let sources: Sources

    private struct Sources: @unchecked Sendable {
        let all: [any DispatchSourceSignal]
    }

    init() {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        var settings = termios()
        let before = unsafe terminal >= 0 && tcgetattr(terminal, &settings) == 0 ? settings : nil
        self.terminal = terminal
        self.before = before
        sources = Sources(
            all: Self.numbers.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    Self.set(terminal, before)
                    signal(number, SIG_DFL)
                    kill(getpid(), number)
                }
                source.resume()
                return source
            })
        guard before != nil else { return }
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        Self.set(terminal, settings)
    }

    deinit {
        Self.set(terminal, before)
        for source in sources.all { source.cancel() }
        for number in Self.numbers { signal(number, SIG_DFL) }
        if terminal >= 0 { close(terminal) }
    }

    private static func set(_ terminal: Int32, _ settings: termios?) {
        guard var settings else { return }
        unsafe tcsetattr(terminal, TCSAFLUSH, &settings)
    }
}
