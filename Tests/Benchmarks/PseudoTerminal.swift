import Foundation

/// A terminal without a window, with a program in it: its keys are typed here, and what it paints is read here.
final class PseudoTerminal {
    private static let columns: UInt16 = 80
    private static let rows: UInt16 = 24
    private static let patience: Duration = .seconds(20)

    private let master: Int32
    private let process: pid_t
    /// What was painted since the last ``forget()``, escape sequences and all.
    private var painted: [UInt8] = []

    /// Starts a program, whose terminal this is.
    init(_ program: String, _ arguments: [String]) throws {
        var (ends, size) = (
            (master: Int32(-1), slave: Int32(-1)),
            winsize(ws_row: Self.rows, ws_col: Self.columns, ws_xpixel: 0, ws_ypixel: 0)
        )
        guard unsafe openpty(&ends.master, &ends.slave, nil, nil, &size) == 0 else { throw BenchFailure.noTerminal }
        master = ends.master
        defer { close(ends.slave) }
        for end in [ends.master, ends.slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        guard let name = unsafe ttyname(ends.slave) else { throw BenchFailure.noTerminal }
        // The first terminal that the leader of a session opens is the session's.
        process = try Spawn.start(
            program, arguments,
            standards: [.file(unsafe String(cString: name), O_RDWR), .descriptor(0), .descriptor(0)],
            environment: ["TERM": "xterm-256color"], flags: Spawn.newSession)
    }

    /// Forgets what was painted until now.
    func forget() { painted = [] }

    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = unsafe write(master, bytes, bytes.count)
    }

    /// Reads until every one of the words was painted.
    /// - Returns: When the last of them came.
    @discardableResult
    func wait(for words: String...) throws -> ContinuousClock.Instant {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let now = ContinuousClock.now
            let text = String(decoding: painted, as: UTF8.self)
            if words.allSatisfy({ text.contains($0) }) { return now }
            guard now < deadline, take(until: deadline) else {
                throw BenchFailure.notPainted(words, String(text.suffix(2_000)))
            }
        }
    }

    /// The same, where it does not matter when: what is painted is no more than what changed, so it is asked for whole.
    func find(_ words: String) throws {
        let deadline = ContinuousClock.now + Self.patience
        repeat {
            forget()
            type("\u{0C}")
            watch(for: .milliseconds(150))
            if String(decoding: painted, as: UTF8.self).contains(words) { return }
        } while ContinuousClock.now < deadline
        throw BenchFailure.notPainted([words], String(decoding: painted, as: UTF8.self))
    }

    /// Reads whatever comes for so long.
    func watch(for duration: Duration) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end, take(until: end) {}
    }

    /// Ends the program, and the terminal with it.
    func end() {
        kill(process, SIGTERM)
        var status: Int32 = 0
        // It gives its terminal back before it ends, and somebody must read that.
        while unsafe waitpid(process, &status, WNOHANG) == 0 { _ = take(until: .now + .milliseconds(10)) }
        close(master)
    }

    /// - Returns: Whether the terminal is still there.
    private func take(until end: ContinuousClock.Instant) -> Bool {
        var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        let wait = max(0, seconds(end - .now) * 1000)
        guard unsafe poll(&wanted, 1, Int32(wait.rounded(.up))) > 0 else { return true }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(master, $0.baseAddress!, $0.count) }
        guard count > 0 else { return false }
        painted += buffer[..<count]
        return true
    }
}
