#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A terminal on which another process draws, and the way back to how it was: for when that process, and whoever would
/// have cleared up behind it, are ended without a word.
public final class TerminalRescue {
    /// 4,096: of a body.
    public static let longestBody = 4_096

    private let terminal: Int32
    private let settings: termios
    private let farewell: [UInt8]
    private let session: Int32
    private let group: Int32

    /// - Parameters:
    ///   - body: As ``body(settings:farewell:path:)`` makes it.
    ///   - session: Of the process that has the terminal; 0 when its leader is out of sight, as in a container.
    ///   - group: The process group of that process; 0 when its leader is out of sight.
    /// - Returns: `nil` when the body names no terminal that this user may write to.
    public init?(_ body: [UInt8], session: Int32, group: Int32) {
        let size = MemoryLayout<termios>.size
        guard body.count > size, body.count <= Self.longestBody else { return nil }
        let words = body[size...].split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, words[1].first == UInt8(ascii: "/"), !words[1].contains(0) else { return nil }
        // A description of its own: what is set on it (never to wait) is not set for those who share the terminal.
        let path = String(decoding: words[1], as: UTF8.self)
        let terminal = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        (self.session, self.group) = (session, group)
        self.terminal = terminal
        farewell = Array(words[0])
        var settings = termios()
        unsafe withUnsafeMutableBytes(of: &settings) { unsafe $0.copyBytes(from: body[..<size]) }
        self.settings = settings
        guard isatty(terminal) == 1, session >= 0, group >= 0 else { return nil }
    }

    deinit { close(terminal) }

    /// What to put back, in bytes.
    /// - Parameters:
    ///   - settings: The bytes of a `termios`.
    ///   - farewell: Written to the terminal before it is set. Without NUL.
    ///   - path: Of the terminal.
    public static func body(settings: [UInt8], farewell: String, path: String) -> [UInt8] {
        settings + farewell.utf8 + [0] + path.utf8
    }

    /// Puts it back, unless another program of its session works there by now.
    public func restore() {
        guard isTheirs else { return }
        _ = unsafe farewell.withUnsafeBytes { unsafe write(terminal, $0.baseAddress, $0.count) }
        var present = termios()
        guard unsafe tcgetattr(terminal, &present) == 0, !isEdited(present) else { return }
        var settings = settings
        unsafe tcsetattr(terminal, TCSANOW, &settings)
    }

    /// Whether the terminal is with whoever is ended, or back with the shell that leads the session.
    private var isTheirs: Bool {
        guard session > 0, let foreground = ProcessStat(of: session)?.foreground, foreground > 0 else { return true }
        return foreground == group || foreground == getpgid(session)
    }

    /// Whether a shell's line editor has set the terminal for itself already: those take the next key's meaning away, and
    /// a screen does not. What they set, they also set back.
    private func isEdited(_ present: termios) -> Bool {
        present.c_lflag & tcflag_t(ICANON) == 0 && present.c_cc.15 != settings.c_cc.15
    }
}
