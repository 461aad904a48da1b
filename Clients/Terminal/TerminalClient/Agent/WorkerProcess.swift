import DeviceKit
import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A worker, as whoever watches over it sees it: its process, and what it told.
final class WorkerProcess {
    let process: ProcessHandle
    /// Its end here tells the worker that somebody watches over it, and hears what must be known when it is gone.
    let lifeline: Int32
    private let started = ContinuousClock.now
    private var words = WorkerWords()
    private var pulse = WorkerPulse(at: .now)
    /// The programs of the user's choice that it runs.
    private var programs: [Int32: Program] = [:]
    /// Whether it has closed its end.
    private(set) var isSilent = false
    /// Whether somebody locked at its keyboard.
    private(set) var isLocking = false
    /// Whether somebody writes there.
    private(set) var isWriting = false

    private final class Program {
        let process: ProcessHandle
        init(_ process: consuming ProcessHandle) { self.process = process }
    }

    /// The urgency of what waits, by its place in the list of all; `nil` when nothing does.
    private(set) var waiting: UInt8?
    /// How many answers and words are not sent.
    private(set) var unsent = 0

    /// Starts this program anew.
    /// - Parameter arguments: Those of this process.
    /// - Parameter handedOver: Descriptors that it has as 4 and so on.
    init(_ arguments: [String], handingOver handedOver: [Int32] = []) throws(DeviceKitError) {
        func failed(_ cause: String) -> DeviceKitError {
            DeviceKitError("not_started", .failed, cause, next: "close other programs and try again")
        }
        guard let (ours, theirs) = UnixSocket.pair() else { throw failed("no socket can be opened") }
        let pid = ChildProgram.start(["--as-worker"] + arguments, handingOver: [theirs] + handedOver, apart: false)
        close(theirs)
        guard let pid, let process = ProcessHandle(child: pid) else {
            close(ours)
            throw failed("no further process can be started")
        }
        self.process = process
        lifeline = ours
    }

    deinit { close(lifeline) }

    var lived: Duration { .now - started }

    /// Whether it has said nothing for too long: it was stopped, or hangs. To be asked every ``WorkerPulse/pause`` at least.
    func hasStopped() -> Bool { pulse.isOver(at: .now) }

    /// Takes what it has told, without waiting.
    /// - Returns: Whether more may be there already.
    @discardableResult
    func listen(_ take: (WorkerWord) -> Void) -> Bool {
        guard let told = Lifeline.told(lifeline) else {
            isSilent = true
            return false
        }
        for word in words.heard(told) {
            pulse.beat()
            switch word.kind {
            case .locking: isLocking = true
            case .writing: isWriting = word.number != 0
            case .runs:
                let pid = Int32(clamping: word.number)
                if let program = ProcessHandle(of: pid, childOf: process.pid) { programs[pid] = Program(program) }
            case .ran: programs[Int32(clamping: word.number)] = nil
            case .waits: waiting = word.count == 0 ? nil : UInt8(word.number >> 24)
            case .unsent: unsent = word.count
            default: take(word)
            }
        }
        return !told.isEmpty
    }

    /// Waits for its end, and ends what it ran.
    /// - Returns: Its status, as a shell gives it.
    func reap(_ take: (WorkerWord) -> Void) -> Int32 {
        let status = ChildProgram.end(of: process.pid)
        while listen(take) {}
        // Nobody would end them any more.
        for program in programs.values { program.process.endGroup() }
        return status
    }
}
