public import Secrets
import Statements

/// What the store holds of one log, as far as the head lock asks.
public struct StoredTree: Sendable, Hashable {
    /// How many entries are stored.
    public let size: UInt64
    /// The root of the first entries, as many as the locked head covers; `nil` when no head is locked, or fewer are stored.
    public let rootAtLockedSize: Digest?

    public init(size: UInt64, rootAtLockedSize: Digest?) {
        self.size = size
        self.rootAtLockedSize = rootAtLockedSize
    }
}

/// How a store stands to the head lock.
public enum HeadLockVerdict: Sendable, Equatable {
    /// The store holds all that was signed.
    case ok
    /// Entries that were signed are gone: an old copy was restored, or the disk lost writes.
    case storeOlder(LogName, locked: UInt64, stored: UInt64)
    /// The store holds other entries than those that were signed.
    case storeForked(LogName, size: UInt64)
    /// There is no head lock, and the store is not empty. `init` makes one: it was lost, or another is meant.
    case lockMissing

    /// The refusal that a start ends with; `nil` when it may go on.
    public var refusal: OperationsError? {
        switch self {
        case .ok: nil
        case .storeOlder(let log, let locked, let stored):
            OperationsError(
                .storeOlder, "the database has \(stored) entries of \(log), the relay has signed \(locked)",
                next: "put the newest database back; never serve this one: clients hold proofs that it contradicts")
        case .storeForked(let log, let size):
            OperationsError(
                .storeForked, "the first \(size) entries of \(log) in the database are not those that the relay signed",
                next: "put the database back that belongs to this head lock; keep both for evidence")
        case .lockMissing:
            OperationsError(
                .headLockMissing, "the head lock is missing, though the database is not empty",
                next: "put it back where head-lock in relay.yaml says; without it nobody can tell an old database")
        }
    }
}

/// Compares the head lock with the store, at every start, before anything is served.
public enum HeadLockComparison {
    /// The first thing that is wrong, in the order of organisations and logs.
    ///
    /// Logs that are stored and not locked are well: the lock is written up to a second after a head is signed.
    /// - Parameters:
    ///   - locked: What ``HeadLock/load(_:)`` gave; `nil` when there is no file.
    ///   - stored: Every log of the store.
    public static func compare(
        locked: [LogName: LockedHead]?, stored: [LogName: StoredTree]
    ) -> HeadLockVerdict {
        guard let locked else {
            return stored.values.allSatisfy { $0.size == 0 } ? .ok : .lockMissing
        }
        for (log, head) in locked.sorted(by: { $0.key < $1.key }) {
            let tree = stored[log] ?? StoredTree(size: 0, rootAtLockedSize: nil)
            guard tree.size >= head.size else { return .storeOlder(log, locked: head.size, stored: tree.size) }
            guard tree.rootAtLockedSize == head.root else { return .storeForked(log, size: head.size) }
        }
        return .ok
    }
}
