import Membership
import Secrets
import Statements

/// What a later run needs to go on. Whatever the replay remembers from one entry to another stands here, or in the store's
/// tables: a replay in two parts must find what one in a single run finds.
extension ActivityReplay {
    /// For `init(_:_:detail:store:findings:from:)`, once everything is flushed.
    var state: [UInt8] {
        var writer = RecordWriter()
        writer.put(roots.size)
        writer.put(roots.edge) { $0.put($1) }
        messages.write(to: &writer)
        writer.put(queues.states) { writer, queue in
            writer.put(queue.key)
            writer.put(queue.value.last)
            writer.put(queue.value.hash)
        }
        capsules.write(to: &writer)
        deadlines.write(to: &writer)
        writer.put(obligations) { $1.write(to: &$0) }
        writer.put(chains) { writer, chain in
            writer.put(chain.key)
            writer.put(chain.value.number)
            writer.put(chain.value.last) { $0.put($1) }
        }
        subscriptions.write(to: &writer)
        pageWatch.write(to: &writer)
        prekeys.write(to: &writer)
        fill.write(to: &writer)
        early.write(to: &writer)
        writer.put(manifests) { writer, day in
            writer.put(day.key)
            writer.put(day.value)
        }
        accesses.write(to: &writer)
        writer.put(lastTime)
        writer.put(inForce)
        return writer.bytes
    }

    static func queues(from reader: inout RecordReader) throws(AuditError) -> [DeviceID: QueueLedger.State] {
        try map(&reader) { (reader) throws(AuditError) in
            (
                try reader.identifier(),
                QueueLedger.State(last: try reader.integer(), hash: try reader.digest())
            )
        }
    }

    static func chains(from reader: inout RecordReader) throws(AuditError) -> [DeviceID: ReceiptRules.Chain] {
        try map(&reader) { (reader) throws(AuditError) in
            (
                try reader.identifier(),
                ReceiptRules.Chain(
                    number: try reader.integer(),
                    last: try reader.optional { (reader) throws(AuditError) in try reader.digest() })
            )
        }
    }

    static func manifests(from reader: inout RecordReader) throws(AuditError) -> [String: Int] {
        try map(&reader) { (reader) throws(AuditError) in (try reader.text(), try reader.count()) }
    }

    private static func map<Key: Hashable, Value>(
        _ reader: inout RecordReader, _ read: (inout RecordReader) throws(AuditError) -> (Key, Value)
    ) throws(AuditError) -> [Key: Value] {
        Dictionary(try reader.list(read), uniquingKeysWith: { first, _ in first })
    }
}

extension AuditedAccess {
    /// What the store keeps of it.
    var record: [UInt8] {
        var writer = RecordWriter()
        writer.put(index)
        writer.put(logged)
        writer.put(access.text)
        writer.put(member) { $0.put($1) }
        writer.put(isSound)
        return writer.bytes
    }

    init(record: [UInt8]) throws(AuditError) {
        var reader = RecordReader(record)
        index = try reader.integer()
        logged = try reader.time()
        let text = try reader.data()
        do { access = try Access(parsing: text) } catch { throw RecordReader.damaged }
        member = try reader.optional { (reader) throws(AuditError) in try reader.identifier() }
        isSound = try reader.flag()
        try reader.end()
    }
}

extension ActivityReplay.Obligation {
    func write(to writer: inout RecordWriter) {
        writer.put(device)
        writer.put(message)
        writer.put(index)
        writer.put(time)
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        self.init(
            device: try reader.identifier(), message: try reader.count(), index: try reader.integer(),
            time: try reader.time())
    }
}

extension CapsuleAudit {
    func write(to writer: inout RecordWriter) {
        writer.put(opened)
        writer.put(closed)
        writer.put(closedKeys) { $0.put($1) }
        writer.put(notGiven.sorted()) { $0.put($1) }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        self.init(
            opened: try reader.count(), closed: try reader.count(),
            closedKeys: Set(try reader.list { (reader) throws(AuditError) in try reader.identifier() as PrekeyID }),
            notGiven: Set(try reader.list { (reader) throws(AuditError) in try reader.integer() }))
    }
}
