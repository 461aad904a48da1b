import DeviceKit
import Processes
import Statements
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A program of the user's choice that `watch --command` runs when something rings.
///
/// Run directly, never by a shell, with three arguments: the event (``RingQueue/Event``), the urgency, the message's id, or
/// `locked` where none is known. No word of a message or of a person reaches it. It gets a few harmless variables of the environment, nothing to read,
/// and its output goes nowhere. After half a minute it is ended, with whatever it started in its process group.
struct RingProgram: Sendable {
    /// 30 s.
    static let seconds: Int64 = 30
    /// 2 s: how long a file that is being written is waited for.
    static let patience = Duration.seconds(2)
    private static let variables: Set = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
        "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER",
    ]

    /// What it gets in place of an id where none is known: while the profile is locked, or receives nothing.
    static let locked = "locked"

    let path: String
    private let environment: [String: String]

    /// - Parameter path: Of an executable file; names are not looked for in `PATH`.
    /// - Throws: ``DeviceKitError`` when it is none.
    init(_ path: String, environment: [String: String]) throws(DeviceKitError) {
        var status = stat()
        guard path.contains("/"), !path.utf8.contains(0), unsafe stat(path, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG, unsafe access(path, X_OK) == 0
        else {
            throw DeviceKitError(
                "command_not_usable", .usage, "\"\(path)\" is not the path of a program that can be run",
                next: "give --command the path of an executable file, as in --command ./ring.sh")
        }
        self.path = path
        self.environment = environment.filter { Self.variables.contains($0.key) || $0.key.hasPrefix("LC_") }
    }

    /// Runs it to its end; whatever it left running in its group goes, too.
    /// - Parameter tell: Tells whoever outlives this process what runs, so that it ends with the profile's lock.
    /// - Returns: What went wrong, in words; `nil` when it ended well.
    func run(
        event: String, urgency: Urgency, message: MessageID?, limit: Duration = .seconds(Self.seconds),
        patience: Duration = Self.patience,
        tell: @Sendable (WorkerWord) -> Bool = { _ in true }
    ) async -> String? {
        let arguments = [path, event, urgency.rawValue, message?.description ?? Self.locked]
        let pid: Int32
        switch await start(arguments, patience) {
        case .success(let started): pid = started
        case .failure(let failure): return "\"\(path)\" could not be started: \(failure)"
        }
        _ = tell(WorkerWord(.runs, UInt32(pid)))
        defer { _ = tell(WorkerWord(.ran, UInt32(pid))) }
        let end = ContinuousClock.now.advanced(by: limit)
        while true {
            guard let hasEnded = ForeignProgram.hasEnded(pid) else {
                Self.running.withLock { _ = $0.remove(pid) }
                return "\"\(path)\" could not be waited for"
            }
            if hasEnded { return words(for: Self.end(pid)) }
            let isLate = ContinuousClock.now >= end
            let isCancelled = (try? await Task.sleep(for: .milliseconds(50))) == nil
            if isLate || isCancelled {
                _ = Self.end(pid)
                return isLate ? "\"\(path)\" was ended: it ran for longer than \(limit.components.seconds) s" : nil
            }
        }
    }

    /// Starts it; one that is just being written is tried again for a while: a bell that is being mended must still ring.
    private func start(_ arguments: [String], _ patience: Duration) async -> Result<Int32, StartFailure> {
        let end = ContinuousClock.now.advanced(by: patience)
        while true {
            do throws(StartFailure) {
                return .success(try startOnce(arguments))
            } catch {
                guard error.isBeingWritten, ContinuousClock.now < end,
                    (try? await Task.sleep(for: .milliseconds(10))) != nil
                else { return .failure(error) }
            }
        }
    }

    /// Whoever ends all that run finds it from its first moment on.
    private func startOnce(_ arguments: [String]) throws(StartFailure) -> Int32 {
        try Self.running.withLock { running throws(StartFailure) in
            let pid = try ForeignProgram.start(path, arguments, environment: environment)
            running.insert(pid)
            return pid
        }
    }

    /// Those that this process runs. Not waited for yet, their numbers are theirs.
    private static let running = Mutex<Set<Int32>>([])

    private static func end(_ pid: Int32) -> ProcessEnd {
        running.withLock { running in
            running.remove(pid)
            return ForeignProgram.endGroup(of: pid)
        }
    }

    /// Ends all that run, of a process that is about to end at once: nobody would do it later.
    static func endAll() { running.withLock { for pid in $0 { kill(-pid, SIGKILL) } } }

    private func words(for end: ProcessEnd) -> String? {
        switch end {
        case .code(0): nil
        case .code(let code): "\"\(path)\" ended with code \(code)"
        case .signal(let signal): "\"\(path)\" was ended by signal \(signal)"
        case .lost: "\"\(path)\" could not be waited for"
        }
    }
}
