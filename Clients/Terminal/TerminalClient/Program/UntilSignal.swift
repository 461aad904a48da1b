import DeviceKit
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs something until it ends, or SIGTERM or SIGINT asks for the end.
enum UntilSignal {
    /// - Returns: Normally when a signal came; what `body` throws otherwise.
    static func run(_ body: () async throws -> Void) async throws {
        let caught = SignalFlag()
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { caught.raise() }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        do {
            try await caught.cancelling(body)
        } catch is CancellationError where caught.isRaised {
            return
        } catch  where caught.isRaised {
            // A request that was cut off in the middle reports whatever it was doing.
            return
        }
    }
}

extension UntilSignal {
    /// Runs something to its end, unless a signal asks for another one: then what it had begun is put away by whoever began it.
    /// - Throws: ``DeviceKitError`` where a signal came first; what `body` throws otherwise.
    static func whole<Result>(_ body: () async throws -> Result) async throws -> Result {
        var result: Result?
        try await run { result = try await body() }
        guard let result else {
            throw DeviceKitError(
                "stopped", .failed, "stopped before the end: nothing was written", next: "repeat the command")
        }
        return result
    }
}

/// A signal that was caught, and whom it stops.
private final class SignalFlag: Sendable {
    private let state = Mutex<(raised: Bool, stop: (@Sendable () -> Void)?)>((false, nil))

    var isRaised: Bool { state.withLock { $0.raised } }

    func raise() {
        let stop = state.withLock { state in
            state.raised = true
            return state.stop
        }
        stop?()
    }

    /// Runs `body` in this task, which a raised flag cancels.
    func cancelling(_ body: () async throws -> Void) async throws {
        unsafe withUnsafeCurrentTask { task in
            guard let task = unsafe task else { return }
            let handle = unsafe TaskHandle(task: task)
            state.withLock { state in state.stop = { handle.cancel() } }
        }
        defer { state.withLock { $0.stop = nil } }
        if isRaised { throw CancellationError() }
        try await body()
    }
}

/// The current task, cancelled from a signal handler's queue while it is known to run.
@safe
private struct TaskHandle: @unchecked Sendable {
    let task: UnsafeCurrentTask

    func cancel() { unsafe task.cancel() }
}
