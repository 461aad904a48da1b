import Statements
import Synchronization

/// How far an audit is, on a terminal's standard error and nowhere else.
final class AuditProgress: Sendable {
    /// 100 ms: nobody reads faster.
    private static let pause = Duration.milliseconds(100)
    private static let usualColumns = 80

    private struct State {
        var log: LogKind?
        var first: UInt64 = 0
        var began = ContinuousClock.now
        var shown: ContinuousClock.Instant?
    }

    private let console: Console
    private let state = Mutex(State())

    init(_ console: Console) { self.console = console }

    func show(_ log: LogKind, _ done: UInt64, _ size: UInt64) {
        guard console.hasLine else { return }
        let now = ContinuousClock.now
        let bar: ProgressBar? = state.withLock { state in
            if state.log != log { state = State(log: log, first: done, began: now) }
            if let shown = state.shown, now - shown < Self.pause, done < size { return nil }
            state.shown = now
            let seconds = (now - state.began) / .seconds(1)
            return ProgressBar(log: log, done: done, size: size, first: state.first, seconds: seconds)
        }
        if let bar { console.line(bar.text(columns: console.columns ?? Self.usualColumns)) }
    }

    /// Takes the line away.
    func end() {
        let wasShown = state.withLock { state in
            defer { state.shown = nil }
            return state.shown != nil
        }
        if wasShown { console.line("") }
    }
}
