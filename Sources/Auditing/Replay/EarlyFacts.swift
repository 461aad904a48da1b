import Statements

/// What was logged about messages before they were: a fallback prekey goes out by a claim, and its message may never come.
///
/// Every prekey that a manifest names was claimed for it at most a day before. So what no claim was added to for two days is
/// forgotten, two days later at the latest: memory does not grow with claims that came to nothing.
struct EarlyFacts {
    /// How long a message's are remembered at the least, from the last of them on.
    static let milliseconds = PrekeyLedger.claimMilliseconds

    private var facts: [MessageID: [AuditedMessage.Fact]] = [:]

    init() {}

    /// About how many messages something is remembered.
    var messageCount: Int { facts.count }

    mutating func add(_ fact: AuditedMessage.Fact, about message: MessageID) {
        facts[message, default: []].append(fact)
    }

    /// The message has come: what was logged before it, in the order of the log.
    mutating func take(about message: MessageID) -> [AuditedMessage.Fact] { facts.removeValue(forKey: message) ?? [] }

    /// Log time goes on from one entry's to the next one's.
    ///
    /// When it forgets follows from these two alone: a replay in two parts forgets what one in a single run does.
    mutating func turn(from before: Timestamp, to now: Timestamp) {
        guard before.milliseconds / Self.milliseconds != now.milliseconds / Self.milliseconds else { return }
        // A log whose time was set back, which is a finding, has facts of the future: they are as far away.
        let span = Self.milliseconds.magnitude
        facts = facts.filter { $0.value.last.map { now.milliseconds(since: $0.logged).magnitude < span } ?? false }
    }
}

extension EarlyFacts {
    func write(to writer: inout RecordWriter) {
        writer.put(facts) { writer, early in
            writer.put(early.key)
            writer.put(early.value) { $1.write(to: &$0, of: .unread) }
        }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        let facts = try reader.list { (reader) throws(AuditError) in
            (
                try reader.identifier() as MessageID,
                try reader.list { (reader) throws(AuditError) in
                    try AuditedMessage.Fact(from: &reader, of: .unread)
                }
            )
        }
        self.facts = Dictionary(facts, uniquingKeysWith: { first, _ in first })
    }
}
