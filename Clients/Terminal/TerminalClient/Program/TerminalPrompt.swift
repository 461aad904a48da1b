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
    /// How often a passphrase is asked for before the command gives up.
    static let attempts = 3

    /// Whether there is a terminal to ask on.
    static var canAsk: Bool {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        close(terminal)
        return true
    }

    /// A question on the terminal. Only yes is yes.
    static func confirms(_ question: String) -> Bool {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        // What was typed before it was asked answers nothing.
        tcflush(terminal, TCIFLUSH)
        put(terminal, "\(question) [y/N] ")
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 8, unsafe read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return ["y", "yes"].contains(String(decoding: line, as: UTF8.self).lowercased())
    }

    /// What somebody types on the terminal, at most 64 bytes, without blanks at the ends; `nil` when there is none.
    static func line(_ prompt: String) -> String? {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        tcflush(terminal, TCIFLUSH)
        put(terminal, prompt)
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 64, unsafe read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return words.joined(separator: " ")
    }

    /// Once; twice when a profile is made, and again when it is too short or was mistyped.
    /// - Parameter isAgain: What was given before is not the profile's.
    static func passphrase(creating: Bool, isAgain: Bool = false) throws -> Passphrase {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw DeviceKitError(
                "passphrase_needed", .locked, "there is no terminal to ask for the passphrase on",
                next: "name a file with --passphrase-file FILE, or a key file with --key-file FILE")
        }
        defer { close(terminal) }
        guard creating else {
            return try ask(terminal, isAgain ? "That is not this profile's passphrase. Passphrase: " : "Passphrase: ")
        }
        let least = PassphraseCost.minimumPassphraseLength
        for _ in 0..<attempts {
            let first = try ask(terminal, "New passphrase (at least \(least) characters): ")
            guard first.length >= least else {
                put(terminal, "That has \(first.length). Several words are easiest to remember.\n")
                continue
            }
            let second = try ask(terminal, "The same again: ")
            if first.isSame(as: second) { return first }
            put(terminal, "The two differ.\n")
        }
        throw DeviceKitError(
            "no_new_passphrase", .usage, "no passphrase was chosen in \(attempts) attempts", next: "repeat the command")
    }

    private static func ask(_ terminal: Int32, _ prompt: String) throws -> Passphrase {
        let quiet = QuietTerminal()
        defer { put(terminal, "\n") }
        put(terminal, prompt)
        let typed = TypedPassphrase()
        var byte: UInt8 = 0
        while unsafe read(terminal, &byte, 1) == 1 {
            switch typed.press(byte) {
            case .taken: continue
            // Whoever types it again while it is checked, for they saw a slip, does not show it.
            case .entered: return typed.take(until: quiet)
            case .interrupted:
                throw DeviceKitError("interrupted", .locked, "no passphrase was given", next: "repeat the command")
            }
        }
        throw DeviceKitError("interrupted", .locked, "the terminal is gone", next: "repeat the command")
    }

    private static func put(_ terminal: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(terminal, $0.baseAddress!, $0.count) }
    }
}
