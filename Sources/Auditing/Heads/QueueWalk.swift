import Secrets

/// A device's queue, as it was when the log had so many entries: asked for ever later times.
struct QueueWalk {
    private let parts: [QueueLedger.Part]
    private var part = 0
    private var offset = 0
    private var hash = Digest.zero

    init(_ parts: [QueueLedger.Part]) { self.parts = parts }

    /// Where the queue stood when the log had `size` entries.
    mutating func advance(to size: UInt64, _ entries: EntryLedger) -> QueueLedger.State {
        // Whole parts are passed over: each says where it begins.
        while part + 1 < parts.count, let first = parts[part + 1].entries.first, first < size {
            part += 1
            offset = 0
            hash = parts[part].before.hash
        }
        guard part < parts.count else { return QueueLedger.State() }
        if offset == 0 { hash = parts[part].before.hash }
        while offset < parts[part].entries.count, parts[part].entries[offset] < size,
            let leaf = entries.record(parts[part].entries[offset])?.leaf
        {
            hash = Digest.sha256(prefix: nil, hash, leaf)
            offset += 1
        }
        return QueueLedger.State(last: parts[part].before.last + UInt64(offset), hash: hash)
    }

    /// The entries of the items behind one, up to another.
    func entries(after first: UInt64, upTo last: UInt64) -> [UInt64] {
        let behind = parts.drop { $0.before.last + UInt64($0.entries.count) <= first }
        guard let start = behind.first?.before.last, last > first else { return [] }
        return Array(behind.flatMap(\.entries).prefix(Int(last - start)).dropFirst(Int(first - start)))
    }
}
