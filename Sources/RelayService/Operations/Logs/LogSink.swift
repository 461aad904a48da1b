import Synchronization
import SystemPackage

/// Where log lines go, whole and one after the other.
public protocol LogSink: Sendable {
    /// Writes one line, which ends with a line feed. Safe from any thread.
    func write(_ line: [UInt8])
}

/// Standard error. What cannot be written is dropped: a full disk or a closed pipe must not stop a relay.
public final class StandardErrorSink: LogSink {
    /// One for the process: lines of two sinks could mix.
    public static let shared = StandardErrorSink()

    private let turn = Mutex(())

    private init() {}

    public func write(_ line: [UInt8]) {
        turn.withLock { _ in
            _ = try? FileDescriptor.standardError.writeAll(line)
        }
    }
}
