import Synchronization

/// Keeps everything in memory, for short logs.
public final class MemoryAuditStore: AuditStore {
    private struct Tables {
        var values: [AuditStoreValue: [UInt8]] = [:]
        var chunks: [UInt64: [UInt8]] = [:]
        var statements: [Int64: [UInt64]] = [:]
        var messages: [StoredMessage] = []
        var numbers: [[UInt8]: Int] = [:]
        var accesses: [StoredAccess] = []
        var waiting: [[UInt8]: Set<Int>] = [:]
        var queues: [[UInt8]: [StoredQueuePart]] = [:]
    }

    private struct State {
        var now = Tables()
        var committed = Tables()
    }

    public let isKept: Bool
    private let state = Mutex(State())

    /// - Parameter isKept: Whether a later run goes on from it, as long as it is there.
    public init(isKept: Bool = false) { self.isKept = isKept }

    public func value(_ name: AuditStoreValue) -> [UInt8]? { state.withLock { $0.now.values[name] } }

    public func set(_ value: [UInt8]?, as name: AuditStoreValue) { state.withLock { $0.now.values[name] = value } }

    public func entries(of chunk: UInt64) -> [UInt8]? { state.withLock { $0.now.chunks[chunk] } }

    public func set(_ entries: [UInt8], of chunk: UInt64) { state.withLock { $0.now.chunks[chunk] = entries } }

    public func add(_ statements: [StoredStatement]) {
        state.withLock { state in
            for statement in statements { state.now.statements[statement.prefix, default: []].append(statement.entry) }
        }
    }

    public func statements(with prefixes: [Int64]) -> [StoredStatement] {
        state.withLock { state in
            prefixes.flatMap { prefix in
                (state.now.statements[prefix] ?? []).map { StoredStatement(prefix: prefix, entry: $0) }
            }
        }
    }

    public func set(_ message: StoredMessage) {
        state.withLock { state in
            state.now.numbers[message.id] = message.number
            if message.number < state.now.messages.count {
                state.now.messages[message.number] = message
            } else {
                state.now.messages.append(message)
            }
        }
    }

    public func messages(with ids: [[UInt8]]) -> [StoredMessage] {
        state.withLock { state in ids.compactMap { state.now.numbers[$0].map { state.now.messages[$0] } } }
    }

    public func messages(from number: Int, limit: Int) -> [StoredMessage] {
        state.withLock { Array($0.now.messages.dropFirst(number).prefix(limit)) }
    }

    public func add(_ accesses: [StoredAccess]) { state.withLock { $0.now.accesses += accesses } }

    public func accesses(from number: Int, limit: Int) -> [StoredAccess] {
        state.withLock { Array($0.now.accesses.dropFirst(number).prefix(limit)) }
    }

    public func set(_ message: Int, isWaiting: Bool, for device: [UInt8]) {
        state.withLock { state in
            if isWaiting {
                state.now.waiting[device, default: []].insert(message)
            } else {
                state.now.waiting[device]?.remove(message)
            }
        }
    }

    public func messages(waitingFor device: [UInt8]) -> [Int] {
        state.withLock { ($0.now.waiting[device] ?? []).sorted() }
    }

    public func add(_ part: StoredQueuePart, to device: [UInt8]) {
        state.withLock { $0.now.queues[device, default: []].append(part) }
    }

    public func queue(of device: [UInt8]) -> [StoredQueuePart] { state.withLock { $0.now.queues[device] ?? [] } }

    public func commit() { state.withLock { $0.committed = $0.now } }

    public func reset() { state.withLock { $0.now = Tables() } }

    /// What a crash leaves: everything since the last commit is gone.
    public func crash() { state.withLock { $0.now = $0.committed } }
}
