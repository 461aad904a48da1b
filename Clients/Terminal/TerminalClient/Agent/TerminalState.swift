import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the terminal was before anything drew on it, and the way back there.
///
/// What draws is ended without a word, so the way back is known to somebody else: these few control sequences of ECMA-48
/// and xterm, which every terminal that has an alternate screen understands; others see nothing of them.
struct TerminalState: Sendable {
    /// Plain characters, no keypad or paste mode, cursor shown, alternate screen left (and with it what stood there).
    private static let leave = plain + "\u{1B}[?1049l"
    /// The same where somebody may have done it already, and have written since: the cursor stays where it is.
    private static let leaveAgain = plain + "\u{1B}[?1047l"
    private static let plain = "\u{1B}[0m\u{1B}[?1l\u{1B}>\u{1B}[?2004l\u{1B}[?1000l\u{1B}[?25h"
    /// A fresh alternate screen, cleared: nothing of it is in the terminal's history.
    private static let fresh = "\u{1B}[?1049h\u{1B}[2J\u{1B}[H"

    private let settings: termios

    /// - Returns: `nil` when standard input is no terminal.
    static func current() -> TerminalState? {
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        return TerminalState(settings: settings)
    }

    /// What puts it back, for another process.
    /// - Returns: `nil` when the terminal has no name here.
    func rescue(leaving surface: Supervised.Surface) -> [UInt8]? {
        guard let path = unsafe ttyname(STDIN_FILENO).map({ unsafe String(cString: $0) }) else { return nil }
        var settings = settings
        let bytes = unsafe withUnsafeBytes(of: &settings) { unsafe Array($0) }
        return TerminalRescue.body(settings: bytes, farewell: surface == .fullScreen ? Self.leave : "", path: path)
    }

    /// Back to how it was.
    /// - Parameter isLeft: Whether the one that drew has probably left the screen itself.
    func restore(leaving surface: Supervised.Surface, isLeft: Bool = false) {
        if surface == .fullScreen { Self.put(isLeft ? Self.leaveAgain : Self.leave) }
        set(settings)
    }

    /// Takes away what was drawn while another program has the terminal: how that one set it stays.
    func leaveScreen() { Self.put(Self.leaveAgain) }

    /// A cleared screen in the place of what a worker drew.
    func showFreshScreen() {
        Self.put(Self.leave + Self.fresh)
        set(settings)
    }

    /// Every key arrives as it is pressed, and none is shown.
    func readKeys() {
        var quiet = settings
        quiet.c_iflag &= ~tcflag_t(IXON)
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        set(quiet)
    }

    /// Ctrl-S holds nothing up: what rings here would be still, without a sign.
    func ignorePauses() {
        var settings = settings
        settings.c_iflag &= ~tcflag_t(IXON)
        set(settings, flush: false)
    }

    private func set(_ settings: termios, flush: Bool = true) {
        var settings = settings
        // From a background job this would stop the process instead of helping it.
        let previous = signal(SIGTTOU, SIG_IGN)
        unsafe tcsetattr(STDIN_FILENO, flush ? TCSAFLUSH : TCSANOW, &settings)
        _ = signal(SIGTTOU, previous)
    }

    static func put(_ text: String) {
        // What was said before stands before it.
        OutputPump.process.drain(atMost: 1)
        TerminalWriter.put(Array(text.utf8), to: STDOUT_FILENO)
    }
}
