import Foundation
import Processes
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A terminal that is put back. That it happens when a screen is killed is tested with the real programs.
@Suite final class TerminalRescueTests {
    private let master: Int32
    private let terminal: Int32
    private let path: String
    private let before: termios

    init() throws {
        var ends: (Int32, Int32) = (-1, -1)
        try #require(unsafe openpty(&ends.0, &ends.1, nil, nil, nil) == 0)
        (master, terminal) = ends
        path = unsafe String(cString: ttyname(terminal))
        var settings = termios()
        unsafe tcgetattr(terminal, &settings)
        before = settings
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(master)
        close(terminal)
    }

    /// As a screen sets it; and as line editors do, which take the next key's meaning away.
    private func takeOver(asEditor: Bool = false) {
        var settings = before
        settings.c_lflag &= ~tcflag_t(ECHO | ICANON)
        if asEditor { settings.c_cc.15 = 0 }
        unsafe tcsetattr(terminal, TCSANOW, &settings)
    }

    private var echoes: Bool {
        var settings = termios()
        unsafe tcgetattr(terminal, &settings)
        return settings.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON)
    }

    /// What has come out of the terminal, waited for: the kernel carries it over in a thread of its own.
    private func written() -> String {
        // In their order: what comes before a mark of ours is all that was written.
        _ = unsafe write(terminal, "|", 1)
        var text = ""
        var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        while !text.hasSuffix("|"), unsafe poll(&ready, 1, 120_000) == 1 {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = unsafe read(master, &bytes, bytes.count)
            text += String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
        return String(text.dropLast())
    }

    /// For a session out of sight: the test's own may have another terminal, where another group works.
    private func make(
        _ farewell: String = "bye", path: String? = nil, session: Int32 = 0, group: Int32 = 0
    ) -> TerminalRescue? {
        var before = before
        let settings = unsafe withUnsafeBytes(of: &before) { unsafe Array($0) }
        return TerminalRescue(
            TerminalRescue.body(settings: settings, farewell: farewell, path: path ?? self.path), session: session,
            group: group)
    }

    @Test func putsBackWhatWasSetAndSaysFarewell() throws {
        let rescue = try #require(make())
        takeOver()
        #expect(!echoes)
        rescue.restore()
        #expect(echoes)
        #expect(written() == "bye")
    }

    @Test func leavesTheSettingsToALineEditorThatHasThemAlready() throws {
        let rescue = try #require(make())
        takeOver(asEditor: true)
        rescue.restore()
        #expect(!echoes)
        #expect(written() == "bye")
    }

    /// Ctrl-S: nobody takes what is written.
    @Test func neverWaitsForATerminalThatWasStopped() throws {
        let rescue = try #require(make(String(repeating: "x", count: 3_000)))
        takeOver()
        tcflow(terminal, TCOOFF)
        rescue.restore()
        #expect(echoes)
    }

    /// The screen's process group has ended, its shell has begun another program on the same terminal.
    @Test func leavesTheTerminalToAnotherProgram() async throws {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        shell.arguments = ["--ctty", "--wait", "bash", "--norc", "-ic", "sleep 600; true"]
        shell.standardInput = FileHandle(fileDescriptor: terminal)
        try shell.run()
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(600)
        while tcgetsid(master) <= 0 || tcgetpgrp(master) == tcgetsid(master) {
            try #require(clock.now < deadline, "no program in the foreground")
            try await Task.sleep(for: .milliseconds(10))
        }
        let (session, program) = (tcgetsid(master), tcgetpgrp(master))
        defer {
            kill(program, SIGKILL)
            kill(session, SIGKILL)
        }
        takeOver()
        try #require(make(session: session, group: session)).restore()
        #expect(!echoes)
        #expect(written().isEmpty)
        try #require(make(session: session, group: program)).restore()
        #expect(echoes)
        #expect(written() == "bye")
    }

    @Test(arguments: ["/dev/null", "/dev/no-such-terminal", "dev/tty", "", "/dev/pts/0\0/dev/pts/1"])
    func whatIsNoTerminalIsNotTaken(_ path: String) { #expect(make(path: path) == nil) }

    @Test func whatIsNoBodyIsNotTaken() {
        #expect(TerminalRescue([], session: 0, group: 0) == nil)
        #expect(TerminalRescue([UInt8](repeating: 1, count: 80), session: 0, group: 0) == nil)
        #expect(make(String(repeating: "x", count: TerminalRescue.longestBody)) == nil)
    }
}
