/// The process that stays connected for a profile, for one at a time does: what a message that comes now meets.
enum Receiver: Sendable, Equatable {
    /// There is none.
    case none
    /// It was stopped (Ctrl-Z): nothing that comes is noticed.
    case stopped
    /// It runs, with or without a terminal to ring, and with or without a command to run.
    case running(hasTerminal: Bool, hasCommand: Bool)
    /// There is one, and the system does not say which.
    case unknown

    /// From what Linux says of a process.
    /// - Parameters:
    ///   - status: `/proc/PID/stat`.
    ///   - words: The command that started it.
    init(status: String, words: [String]) {
        // Behind the name, which may hold anything: state, parent, group, session, terminal.
        let fields = (status.split(separator: ")", omittingEmptySubsequences: false).last ?? "").split(separator: " ")
        guard fields.count > 4 else {
            self = .unknown
            return
        }
        self =
            fields[0] == "T"
            ? .stopped
            : .running(
                hasTerminal: fields[4] != "0",
                hasCommand: words.contains { $0 == "--command" || $0.hasPrefix("--command=") })
    }

    /// Whether a command is that of a program that stays for a profile, and would wait with it while it is locked.
    /// - Parameters:
    ///   - words: The command that started it.
    ///   - isStandard: Whether the profile is the one of a command that names none.
    static func stays(_ words: [String], for directory: String, isStandard: Bool) -> Bool {
        guard let program = words.first?.split(separator: "/").last, program == "nightbell",
            words.contains(where: { $0 == "watch" || $0 == "ui" }), !words.contains("--as-worker")
        else { return false }
        let named =
            words.firstIndex(of: "--profile").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
            ?? words.first { $0.hasPrefix("--profile=") }.map { String($0.dropFirst("--profile=".count)) }
        guard let named else { return isStandard }
        let folders = named.split(separator: "/").filter { $0 != "." }
        // Where one that is not named from the root was started the system does not tell everyone.
        return named.hasPrefix("/")
            ? folders == directory.split(separator: "/")
            : directory.split(separator: "/").suffix(folders.count).elementsEqual(folders)
    }

    /// The process that holds a lock on a file, in `/proc/locks`.
    static func holder(ofFile inode: UInt64, in locks: String) -> Int32? {
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[5].hasSuffix(":\(inode)") else { continue }
            return Int32(fields[4]).flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }
}
