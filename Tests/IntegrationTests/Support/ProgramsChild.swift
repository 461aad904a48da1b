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
        let out = try ChildPipe()
        let err = try ChildPipe()
        let standardInput = try input.map { _ in try ChildPipe() }
        pid = try Spawn.start(
            program, arguments, environment: Self.environment.merging(environment) { $1 },
            input: standardInput?.reading,
            output: out.writing, error: err.writing)
        name = URL(fileURLWithPath: program).lastPathComponent + " " + arguments.joined(separator: " ")
        Guardian.shared.add(pid)
        for theirs in [out.writing, err.writing, standardInput?.reading].compactMap({ $0 }) { close(theirs) }
        follow(out.reading) { $0.out += $1 }
        follow(err.reading) { $0.err += $1 }
        // Threads of their own, which hold this object: what is said and the end are seen however busy the test is, and a
        // child that does not read its input stops none but the writer.
        Thread.detachNewThread { [self] in
            Spawn.end(of: pid) { reap in
                Guardian.shared.remove(pid)
                // Under the lock, so that nobody sends a signal to whoever gets this id next.
                change { $0.status = reap() }
            }
        }
        if let input, let standardInput {
            Thread.detachNewThread {
                PipeWriter.write(input, to: standardInput.writing)
                close(standardInput.writing)
            }
        }
    }

    /// What every program gets: where to find its libraries, and nothing of Nightbell's own variables.
    private static let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NIGHTBELL_") }

    private func follow(_ descriptor: Int32, _ take: @escaping @Sendable (inout State, ArraySlice<UInt8>) -> Void) {
        Thread.detachNewThread { [self] in
            ChildPipe.readAll(descriptor) { bytes in change { take(&$0, bytes) } }
            change { $0.openPipes -= 1 }
        }
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
