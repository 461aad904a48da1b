import Secrets
import Statements

/// The queue of every device: what Protocol.md, "Of a device's queue", makes of the log. Where each stands is in memory, the
/// items are in the store, for heads tell of queues as they were.
final class QueueLedger {
    /// Where a device's queue stands.
    struct State: Hashable {
        /// The number of the last item.
        var last: UInt64 = 0
        /// h(last).
        var hash = Digest.zero
    }

    /// Items that follow a state.
    struct Part {
        let before: State
        var entries: [UInt64] = []
    }

    private let store: any AuditStore
    private(set) var states: [DeviceID: State]
    private var unwritten: [DeviceID: Part] = [:]

    init(_ store: any AuditStore, states: [DeviceID: State] = [:]) {
        self.store = store
        self.states = states
    }

    func add(_ entry: UInt64, leaf: Digest, to device: DeviceID) {
        let before = states[device] ?? State()
        states[device] = State(last: before.last + 1, hash: Digest.sha256(prefix: nil, before.hash, leaf))
        unwritten[device, default: Part(before: before)].entries.append(entry)
    }

    func flush() throws(AuditError) {
        for (device, part) in unwritten {
            try store.add(StoredQueuePart(first: part.before.last, record: part.bytes), to: device.bytes)
        }
        unwritten = [:]
    }

    /// A device's queue from its first item.
    func parts(of device: DeviceID) throws(AuditError) -> [Part] {
        var parts: [Part] = []
        for stored in try store.queue(of: device.bytes) { parts.append(try Part(stored)) }
        if let part = unwritten[device] { parts.append(part) }
        return parts
    }
}

extension QueueLedger.Part {
    fileprivate var bytes: [UInt8] {
        var writer = RecordWriter()
        writer.put(before.hash)
        var last: UInt64 = 0
        writer.put(entries) { writer, entry in
            writer.put(entry - last)
            last = entry
        }
        return writer.bytes
    }

    fileprivate init(_ stored: StoredQueuePart) throws(AuditError) {
        var reader = RecordReader(stored.record)
        before = QueueLedger.State(last: stored.first, hash: try reader.digest())
        var last: UInt64 = 0
        entries = try reader.list { (reader) throws(AuditError) in
            let (entry, isOver) = last.addingReportingOverflow(try reader.integer())
            guard !isOver else { throw RecordReader.damaged }
            last = entry
            return entry
        }
        try reader.end()
    }
}
