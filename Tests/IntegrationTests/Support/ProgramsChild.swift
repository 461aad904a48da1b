import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A running program. Everything is waited for on conditions; nothing sleeps.
final class ChildProcess: Sendable {
    struct State: Sendable {
        fileprivate(set) var out: [UInt8] = []
        fileprivate(set) var err: [UInt8] = []
        fileprivate(set) var status: Int32?
        fileprivate var openPipes = 2
        fileprivate var watchers: [CheckedContinuation<Void, Never>] = []

        var outText: String { String(decoding: out, as: UTF8.self) }
        var errText: String { String(decoding: err, as: UTF8.self) }
        /// Ended, and everything that it said is here.
        var hasEnded: Bool { status != nil && openPipes == 0 }
    }

    let pid: Int32
    private let name: String
    private let state = Mutex(State())

    /// Starts a program.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8]? = nil) throws {
        // One at a time: a pipe that another child inherits by chance would stay open for as long as that one lives.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = Self.environment.merging(environment) { $1 }
        let out = Pipe()
        let err = Pipe()
        let standardInput = Pipe()
        process.standardOutput = out
        process.standardError = err
        process.standardInput = input == nil ? FileHandle.nullDevice : standardInput
        let ended = Mutex<(@Sendable (Int32) -> Void)?>(nil)
        let early = Mutex<Int32?>(nil)
        process.terminationHandler = { process in
            let status = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
            early.withLock { $0 = status }
            ended.withLock { $0 }?(status)
        }
        try process.run()
        pid = process.processIdentifier
        name = URL(fileURLWithPath: program).lastPathComponent + " " + arguments.joined(separator: " ")
        Guardian.shared.add(pid)
        ended.withLock { $0 = { [weak self] status in self?.end(status) } }
        // It may have ended between its start and the line above.
        if let status = early.withLock({ $0 }) { end(status) }
        follow(out.fileHandleForReading) { $0.out += $1 }
        follow(err.fileHandleForReading) { $0.err += $1 }
        if let input {
            try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
            try standardInput.fileHandleForWriting.close()
        }
    }

    private static let spawning = NSLock()

    /// What every program gets: where to find its libraries, and nothing of Nightbell's own variables.
    private static let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NIGHTBELL_") }

    private func follow(_ handle: FileHandle, _ take: @escaping @Sendable (inout State, Data) -> Void) {
        // The handler holds the handle: nothing else does once the process has ended, and what it said last would be lost.
        handle.readabilityHandler = { [weak self] _ in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.change { state in
                if data.isEmpty { state.openPipes -= 1 } else { take(&state, data) }
            }
        }
    }

    private func end(_ status: Int32) {
        Guardian.shared.remove(pid)
        change { $0.status = $0.status ?? status }
    }

    private func change(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            defer { state.watchers = [] }
            return state.watchers
        }
        for watcher in watchers { watcher.resume() }
    }

    /// What it said and did so far.
    var now: State { state.withLock { $0 } }

    /// Waits until something is true of what it said, or of its end.
    /// - Returns: Whether it came true in time.
    func wait(
        seconds: Double = Programs.patienceSeconds, until condition: @Sendable (State) -> Bool
    ) async -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in self?.change { _ in } }
        while !state.withLock({ condition($0) }) {
            if ContinuousClock.now >= deadline { return false }
            await withCheckedContinuation { continuation in
                let isChanged = state.withLock { state in
                    guard !condition(state), ContinuousClock.now < deadline else { return true }
                    state.watchers.append(continuation)
                    return false
                }
                if isChanged { continuation.resume() }
            }
        }
        return true
    }

    /// Waits for a line of standard output with these words.
    func waitForLine(containing words: String...) async throws {
        let isThere = await wait { state in
            state.outText.split(separator: "\n").contains { line in words.allSatisfy { line.contains($0) } }
                || state.hasEnded
        }
        guard isThere, !now.hasEnded || words.allSatisfy({ now.outText.contains($0) }) else {
            throw PreparationFailed("\(name) did not say \(words)\n\(now.outText)\n\(now.errText)")
        }
    }

    /// Waits for the end. A program that does not end in time is killed, and that is a failure.
    func outcome(seconds: Double = Programs.patienceSeconds) async throws -> Outcome {
        guard await wait(seconds: seconds, until: { $0.hasEnded }) else {
            signal(SIGKILL)
            throw PreparationFailed("\(name) did not end in \(seconds) s\n\(now.outText)\n\(now.errText)")
        }
        let state = now
        return Outcome(status: state.status ?? -1, out: state.outText, err: state.errText)
    }

    /// Sends a signal, unless it has ended.
    func signal(_ number: Int32) {
        state.withLock { state in
            // Under the lock that its end takes: its id is not somebody else's yet.
            if state.status == nil { kill(pid, number) }
        }
    }
}
