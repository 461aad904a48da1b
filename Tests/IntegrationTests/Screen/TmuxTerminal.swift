import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A terminal with a shell in it, which a test types into and looks at: tmux, with a server of its own.
struct TmuxTerminal: Sendable {
    let folder: String
    /// Everything that was written to the terminal, as bytes.
    private var output: String { folder + "/output" }
    private var socket: String { folder + "/tmux" }

    /// Opens it.
    /// - Parameter commands: Small programs by their names, which the shell finds in its folder: lines stay short.
    static func open(columns: Int = 80, rows: Int = 24, commands: [String: String] = [:]) async throws -> TmuxTerminal {
        let terminal = TmuxTerminal(folder: try Programs.temporaryFolder())
        for (name, text) in commands {
            let path = "\(terminal.folder)/\(name)"
            try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
            unsafe chmod(path, 0o700)
        }
        try await terminal.tmux(
            "new-session", "-d", "-s", "s", "-x", "\(columns)", "-y", "\(rows)", "-c", terminal.folder,
            "exec env PS1='$ ' TZ=UTC sh")
        if let pid = Int32(try await terminal.ask("#{pid}")) { Guardian.shared.add(pid) }
        try await terminal.tmux("pipe-pane", "-t", "s", "-O", "exec cat >> '\(terminal.output)'")
        try await terminal.waitForPrompt()
        return terminal
    }

    /// Opens it and starts the screen for somebody.
    static func screen(
        _ person: Person, columns: Int = 80, rows: Int = 24
    ) async throws -> TmuxTerminal {
        let terminal = try await open(
            columns: columns, rows: rows,
            commands: [
                "ui": "exec '\(Programs.nightbell)' --profile '\(person.profile)' --key-file '\(person.keyFile)' ui"
            ])
        try await terminal.run("./ui")
        try await terminal.wait { $0.contains("Nightbell  ") }
        return terminal
    }

    /// Ends the server and everything in it.
    func close() async throws {
        let pid = Int32(try await ask("#{pid}"))
        try await tmux("kill-server")
        if let pid { Guardian.shared.remove(pid) }
        try FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Typing

    /// Types a command and ends its line, once the shell asks for one: what is typed while a screen is being left is
    /// thrown away on purpose.
    func run(_ command: String) async throws {
        try await waitForPrompt()
        try await tmux("send-keys", "-t", "s", "-l", command)
        // Before it is seen, nothing tells a screen that it has cleared from one that it has yet to.
        try await wait { Self.dense($0).contains(Self.dense("$" + command)) }
        try await press("Enter")
        // Until then the screen shows the answers to the command before.
        if command.hasPrefix("clear; ") { try await wait { !$0.contains("$ clear; ") } }
    }

    /// Presses keys by tmux's names, one after another.
    func press(_ keys: String...) async throws {
        for key in keys { try await tmux("send-keys", "-t", "s", key) }
    }

    func resize(_ columns: Int, _ rows: Int) async throws {
        try await tmux("resize-window", "-t", "s", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// Writes on it, as other programs do without being asked.
    func write(_ text: String) async throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: try await ask("#{pane_tty}")))
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    // MARK: Looking

    /// Without blanks: whatever is long ends its lines where the terminal's width has it.
    static func dense(_ text: String) -> String { text.filter { !$0.isWhitespace } }

    /// What is to be seen.
    func text() async throws -> String { try await tmux("capture-pane", "-p", "-t", "s") }

    /// The same with all lines that were scrolled away.
    func everything() async throws -> String { try await tmux("capture-pane", "-p", "-S", "-", "-t", "s") }

    /// Whether a program shows a screen of its own.
    func hasAlternateScreen() async throws -> Bool { try await ask("#{alternate_on}") == "1" }

    /// How often the terminal was rung.
    func rings() -> Int {
        // BEL also ends a title; nobody sets one here.
        FileManager.default.contents(atPath: output)?.count { $0 == 7 } ?? 0
    }

    /// The program that the shell runs: the one that keeps the terminal for the screen.
    func program() async throws -> Int32 {
        let shell = try await ask("#{pane_pid}")
        let children = try String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
        guard let pid = children.split(separator: " ").first.flatMap({ Int32($0) }) else {
            throw PreparationFailed("the shell runs nothing")
        }
        return pid
    }

    /// Stops what the shell runs, as another program would, until the shell asks for the next command on its own screen.
    /// - Parameter alone: Only the process that the shell started, and not what it started itself.
    func stopProgram(alone: Bool = false) async throws {
        let program = try await program()
        kill(alone ? program : -program, SIGTSTP)
        try await waitForPrompt()
        guard try await !hasAlternateScreen() else { throw PreparationFailed("the shell asks on the screen of ui") }
    }

    /// Kills a screen at one blow: whoever keeps the terminal, and whoever draws on it.
    func killWhole(_ person: Person) async throws {
        // Looked up before the first is killed: neither has the time to see the other end.
        let processes = person.processes.workers + [try await program()]
        for pid in processes { kill(pid, SIGKILL) }
        let isGone = try await ProfileProcesses.wait { person.processes.workers.isEmpty }
        guard isGone else { throw PreparationFailed("the worker of a screen that was killed lives on") }
    }

    /// Waits until something is true of what is to be seen.
    @discardableResult
    func wait(
        seconds: Double = Programs.patienceSeconds, until condition: (String) async throws -> Bool
    ) async throws -> String {
        let deadline = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
        while true {
            let text = try await text()
            if try await condition(text) { return text }
            guard ContinuousClock.now < deadline else { throw PreparationFailed("the terminal shows:\n\(text)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @discardableResult
    func waitFor(_ words: String...) async throws -> String {
        try await wait { text in words.allSatisfy { text.contains($0) } }
    }

    private func waitForPrompt() async throws {
        // Twice in one line where an Enter came just as the program ended.
        try await wait { ["$", "$ $"].contains($0.split(separator: "\n").last?.trimmingCharacters(in: .whitespaces)) }
    }

    /// Waits until the shell has its terminal back, set as it was, and takes a command.
    /// - Parameter before: What ``settings()`` gave before.
    func expectUsable(_ before: String) async throws {
        try await waitForPrompt()
        guard try await !hasAlternateScreen() else { throw PreparationFailed("the alternate screen is left on") }
        let after = try await settings()
        guard after == before else { throw PreparationFailed("the terminal is set to \(after), and was \(before)") }
    }

    /// How the terminal is set, as `stty` says it, when a command that is typed is seen and done.
    func settings() async throws -> String {
        let path = folder + "/settings"
        try? FileManager.default.removeItem(atPath: path)
        try await run("clear; stty -g > \(path); echo usable-$((6 * 7))")
        try await waitFor("usable-42")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    private func ask(_ format: String) async throws -> String {
        try await tmux("display-message", "-p", "-t", "s", format).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    func tmux(_ arguments: String...) async throws -> String {
        let outcome = try await Programs.run(
            "/usr/bin/env", ["tmux", "-S", socket, "-f", "/dev/null", "-u"] + arguments)
        guard outcome.status == 0 else {
            throw PreparationFailed("tmux \(arguments.joined(separator: " "))", outcome)
        }
        return outcome.out
    }
}
