public import Logging
import NIOPosix
public import ServiceLifecycle
import Statements
import Synchronization
public import SystemPackage

/// Keeps the newest signed head of every log in a small file apart from the database, so that an older copy of the
/// database cannot be served unnoticed.
///
/// ``record(_:of:)`` costs a lock and no I/O; this service writes what was recorded, at most a second later, and once
/// more when it stops. The file is never ahead of the store, because callers record only what is committed. List it
/// before the services that commit, so that it stops after them.
///
/// A crash leaves the file as it was or as it was about to be; which of the two does not matter, for both are behind.
public final class HeadLock: Service, CustomStringConvertible {
    private struct State {
        var table: HeadLockTable
        /// Whether ``table`` holds what the file does not.
        var isBehind = false
        /// Whether the last attempt to write failed.
        var hasFailed = false
    }

    private let path: FilePath
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let state: Mutex<State>
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// Goes on from the file's heads.
    /// - Parameter path: As configured; the file need not exist.
    /// - Throws: ``OperationsError/Code/headLockMalformed`` or ``OperationsError/Code/fileUnusable``.
    public convenience init(_ path: FilePath, logger: Logger) throws(OperationsError) {
        // Half a second to collect, and as much again for a slow disk.
        try self.init(path, logger: logger) { try await Task.sleep(for: .milliseconds(500)) }
    }

    /// - Parameter pause: How long to collect heads before a write; for tests.
    init(_ path: FilePath, logger: Logger, pause: @escaping @Sendable () async throws -> Void) throws(OperationsError) {
        self.path = path
        self.logger = logger
        self.pause = pause
        state = Mutex(State(table: try Self.table(at: path) ?? HeadLockTable()))
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public var description: String { "head lock" }

    /// What the file holds; `nil` when there is none.
    /// - Throws: ``OperationsError/Code/headLockMalformed`` when it is anything but what the relay writes.
    public static func load(_ path: FilePath) throws(OperationsError) -> [LogName: LockedHead]? {
        try table(at: path)?.heads
    }

    /// Notes a head whose transaction is durable. Older heads than the known one are ignored.
    public func record(_ head: LockedHead, of log: LogName) {
        let changed = state.withLock { state in
            guard state.table.record(head, of: log) else { return false }
            state.isBehind = true
            return true
        }
        if changed { signal.yield() }
    }

    /// Whether the file could not be written lately: then the relay is no longer guarded, and not ready.
    public var hasFailed: Bool { state.withLock { $0.hasFailed } }

    public func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            // Ends at once when the relay stops: then the rest is written below.
            try? await cancelWhenGracefulShutdown { [pause] in try await pause() }
            // Off the executor that answers requests: this waits for a disk.
            let written = try? await NIOThreadPool.singleton.runIfActive { self.write() }
            // The store is whole without the file: nothing is lost, and the next round tries again.
            if written != true { signal.yield() }
        }
        // Not through the pool, which refuses a cancelled task.
        _ = write()
    }

    /// Writes what the file lacks.
    /// - Returns: Whether the file now holds every head that was recorded before the call.
    @discardableResult
    func write() -> Bool {
        let bytes: [UInt8]? = state.withLock { state in
            guard state.isBehind else { return nil }
            state.isBehind = false
            return state.table.bytes
        }
        guard let bytes else { return true }
        do {
            try DurableFile.replace(path, with: bytes)
            state.withLock { $0.hasFailed = false }
            return true
        } catch {
            let isFirst = state.withLock { state in
                defer {
                    state.isBehind = true
                    state.hasFailed = true
                }
                return !state.hasFailed
            }
            // Once, not twice a second for as long as the disk is full.
            if isFirst { logger.error("head lock could not be written", error: error) }
            return false
        }
    }

    private static func table(at path: FilePath) throws(OperationsError) -> HeadLockTable? {
        guard let bytes = try DurableFile.read(path, limit: HeadLockTable.maximumByteCount) else { return nil }
        do {
            return try HeadLockTable(parsing: bytes)
        } catch {
            throw OperationsError(
                .headLockMalformed, "the head lock \"\(path)\" is damaged (line \(error.line))",
                next: "put back the file that the relay wrote; it must not be edited")
        }
    }
}
