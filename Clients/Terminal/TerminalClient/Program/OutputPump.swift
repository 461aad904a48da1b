import Foundation
import Statements
import Synchronization
import SystemPackage

/// Writes what a command that stays has to say, on a thread of its own. A terminal that takes nothing (Ctrl-S, a link that
/// died) or a pipe that nobody reads must keep no message from ringing.
final class OutputPump: Sendable {
    /// This process's own.
    static let process = OutputPump(limit: 1 << 20) { bytes, isError in
        let file = isError ? FileDescriptor.standardError : FileDescriptor.standardOutput
        do { try file.writeAll(bytes) } catch { return error as? Errno ?? .ioError }
        return nil
    }

    private struct State {
        var waiting: [(bytes: [UInt8], isError: Bool)] = []
        var byteCount = 0
        /// Whether the thread has taken something that is not written yet.
        var isWriting = false
        var hasBegun = false
        /// Lines that came while there was no room.
        var lost = 0
        var failed: (@Sendable (Errno, Bool) -> Void)?
    }

    private let limit: Int
    private let write: @Sendable ([UInt8], Bool) -> Errno?
    private let state = Mutex(State())
    private let changed = NSCondition()

    /// - Parameters:
    ///   - limit: Bytes that wait at most.
    ///   - write: May take its time.
    init(limit: Int, write: @escaping @Sendable ([UInt8], Bool) -> Errno?) {
        self.limit = limit
        self.write = write
    }

    /// Takes bytes, to be written in their order.
    /// - Parameters:
    ///   - lost: Words for so many lines that found no room before these.
    ///   - failed: Told when they are not written.
    func put(
        _ bytes: [UInt8], _ isError: Bool, lost: (Int) -> [UInt8],
        failed: @escaping @Sendable (Errno, Bool) -> Void
    ) {
        let begins = state.withLock { state in
            state.failed = failed
            var lines = [(bytes: bytes, isError: isError)]
            if state.lost > 0 { lines.insert((lost(state.lost), true), at: 0) }
            let count = lines.reduce(0) { $0 + $1.bytes.count }
            guard state.byteCount + count <= limit else {
                state.lost += 1
                return false
            }
            state.lost = 0
            state.waiting += lines
            state.byteCount += count
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        if begins { Thread.detachNewThread { self.run() } }
        signal()
    }

    /// Waits until everything is written, but for no longer than that.
    func drain(atMost seconds: Double) {
        let end = Date(timeIntervalSinceNow: seconds)
        changed.lock()
        defer { changed.unlock() }
        while !isEmpty, changed.wait(until: end) {}
    }

    private var isEmpty: Bool { state.withLock { $0.waiting.isEmpty && !$0.isWriting } }

    private func signal() {
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }

    private func run() {
        while true {
            changed.lock()
            while state.withLock({ $0.waiting.isEmpty }) { changed.wait() }
            changed.unlock()
            let (next, failed) = state.withLock { state in
                state.isWriting = true
                let next = state.waiting.removeFirst()
                state.byteCount -= next.bytes.count
                return (next, state.failed)
            }
            let cause = write(next.bytes, next.isError)
            state.withLock { $0.isWriting = false }
            if let cause { failed?(cause, next.isError) }
            signal()
        }
    }
}
