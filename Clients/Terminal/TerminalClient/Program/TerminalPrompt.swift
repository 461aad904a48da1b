import DeviceKit
import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks for a passphrase on `/dev/tty`, unseen.
enum TerminalPrompt {
    /// Once; twice when a profile is made.
    static func passphrase(creating: Bool) throws -> Passphrase {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw DeviceKitError(
                "passphrase_needed", .locked, "there is no terminal to ask for the passphrase on",
                next: "name a file with --passphrase-file FILE, or a key file with --key-file FILE")
        }
        defer { close(terminal) }
        guard creating else { return try ask(terminal, "Passphrase: ") }
        let first = try ask(terminal, "New passphrase (at least 10 characters): ")
        let second = try ask(terminal, "The same again: ")
        guard first.isSame(as: second) else {
            throw DeviceKitError(
                "passphrases_differ", .usage, "the two passphrases differ", next: "repeat the command")
        }
        return first
    }

    private static func ask(_ terminal: Int32, _ prompt: String) throws -> Passphrase {
        var settings = termios()
        let isTerminal = unsafe tcgetattr(terminal, &settings) == 0
        var quiet = settings
        // Ctrl-C arrives as a byte, so that the terminal is never left without echo.
        quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
        if isTerminal { unsafe tcsetattr(terminal, TCSAFLUSH, &quiet) }
        defer {
            if isTerminal { unsafe tcsetattr(terminal, TCSAFLUSH, &settings) }
            put(terminal, "\n")
        }
        put(terminal, prompt)
        var line: [UInt8] = []
        defer { wipe(&line) }
        line.reserveCapacity(Passphrase.maximumByteCount)
        var byte: UInt8 = 0
        while unsafe read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            guard byte != 3, line.count < Passphrase.maximumByteCount else {
                throw DeviceKitError("interrupted", .locked, "no passphrase was given", next: "repeat the command")
            }
            line.append(byte)
        }
        return Passphrase(moving: &line)
    }

    private static func put(_ terminal: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(terminal, $0.baseAddress!, $0.count) }
    }
}
