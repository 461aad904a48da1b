/// Where an audit keeps what would outgrow memory, and what a later audit goes on from.
///
/// Everything since the last ``commit()`` is one transaction: durable as a whole, or gone. Whoever reads sees what was
/// written before, committed or not. What is stored names who wrote to whom and when, and holds no content and no capsule:
/// an implementation that outlives its run keeps it from others than its owner.
///
/// Every function throws ``AuditError/Code/storeDamaged`` for what cannot be read, ``AuditError/Code/storeUnusable`` for what
/// cannot be written.
public protocol AuditStore: AnyObject, Sendable {
    /// Whether it is there for the next run: then facts are kept of every message.
    var isKept: Bool { get }

    /// A few values by name.
    func value(_ name: AuditStoreValue) throws(AuditError) -> [UInt8]?
    func set(_ value: [UInt8]?, as name: AuditStoreValue) throws(AuditError)

    /// The records of 256 entries each, the last ones of fewer.
    func entries(of chunk: UInt64) throws(AuditError) -> [UInt8]?
    func set(_ entries: [UInt8], of chunk: UInt64) throws(AuditError)

    /// Adds statements. Two may have the same prefix.
    func add(_ statements: [StoredStatement]) throws(AuditError)
    /// Those with one of these prefixes, at most 256.
    func statements(with prefixes: [Int64]) throws(AuditError) -> [StoredStatement]

    /// Adds a message, or replaces what was stored under its number.
    func set(_ message: StoredMessage) throws(AuditError)
    /// Those with one of these ids, at most 256.
    func messages(with ids: [[UInt8]]) throws(AuditError) -> [StoredMessage]
    /// At most `limit` messages from a number on, ascending.
    func messages(from number: Int, limit: Int) throws(AuditError) -> [StoredMessage]

    /// Adds looks, ascending by number, behind those that are there.
    func add(_ accesses: [StoredAccess]) throws(AuditError)
    /// At most `limit` looks from a number on, ascending.
    func accesses(from number: Int, limit: Int) throws(AuditError) -> [StoredAccess]

    /// Says whether a message waits for a device.
    func set(_ message: Int, isWaiting: Bool, for device: [UInt8]) throws(AuditError)
    /// Numbers of messages, ascending.
    func messages(waitingFor device: [UInt8]) throws(AuditError) -> [Int]

    /// Adds the next part of a device's queue.
    func add(_ part: StoredQueuePart, to device: [UInt8]) throws(AuditError)
    /// All parts, ascending.
    func queue(of device: [UInt8]) throws(AuditError) -> [StoredQueuePart]

    /// Makes everything durable that was written since the last time, in one transaction.
    func commit() throws(AuditError)
    /// Empties it, in the transaction that the next commit ends.
    func reset() throws(AuditError)
}

/// What a store keeps by name.
public enum AuditStoreValue: String, CaseIterable, Sendable {
    /// What holds for every run, and what was found that no log shows again.
    case kept
    /// Findings in the activity log.
    case findings
    /// The replay, to go on from.
    case replay
}

/// A statement of the activity log.
public struct StoredStatement: Hashable, Sendable {
    /// The first 63 bits of its hash.
    public let prefix: Int64
    public let entry: UInt64

    public init(prefix: Int64, entry: UInt64) {
        self.prefix = prefix
        self.entry = entry
    }
}

/// A message as it is stored.
public struct StoredMessage: Hashable, Sendable {
    /// In the order of the log, from 0.
    public let number: Int
    public let id: [UInt8]
    public let record: [UInt8]

    public init(number: Int, id: [UInt8], record: [UInt8]) {
        self.number = number
        self.id = id
        self.record = record
    }
}

/// An auditor's look as it is stored.
public struct StoredAccess: Hashable, Sendable {
    /// In the order of the log, from 0.
    public let number: Int
    public let record: [UInt8]

    public init(number: Int, record: [UInt8]) {
        self.number = number
        self.record = record
    }
}

/// A stretch of a device's queue.
public struct StoredQueuePart: Hashable, Sendable {
    /// How many items come before it.
    public let first: UInt64
    public let record: [UInt8]

    public init(first: UInt64, record: [UInt8]) {
        self.first = first
        self.record = record
    }
}
