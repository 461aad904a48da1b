import Statements

/// The messages that were accepted on one UTC day, by what became of them. Every one is somewhere.
public struct DayCount: Hashable, Sendable {
    /// `2026-11-23`.
    public let day: String
    /// Manifests that were logged that day.
    public internal(set) var manifests = 0
    public internal(set) var closed = 0
    /// Handed off and not closed: what became of it is told by the message that carries it on.
    public internal(set) var handedOff = 0
    /// Acknowledged, and neither handed off nor closed.
    public internal(set) var acknowledged = 0
    /// Replies that arrived, and that nobody took up beyond that: they ask for no answer.
    public internal(set) var arrivedReplies = 0
    /// Not answered, and not expired or still within the relay's grace.
    public internal(set) var open = 0
    public internal(set) var unanswered = 0
    /// Not answered, not expired, and given up for every device.
    public internal(set) var undeliverable = 0
    private var marked = [Int](repeating: 0, count: MessageMark.allCases.count)

    init(day: String) { self.day = day }

    /// Of which the log does not say what became: 0, or a promise is broken.
    public var unexplained: Int {
        manifests - closed - handedOff - acknowledged - arrivedReplies - open - unanswered - undeliverable
    }

    /// How many of its messages bear a mark: they are counted by what became of them already.
    public subscript(_ mark: MessageMark) -> Int { marked[mark.place] }

    static func day(of time: Timestamp) -> String { String(time.description.prefix(10)) }

    /// What is counted and kept of ``MessageOutcome``, in the order in which it is kept; what is left is unexplained.
    enum Fate: CaseIterable {
        case closed, handedOff, acknowledged, arrivedReply, open, unanswered, undeliverable

        /// `nil` for a message of which the log does not say it.
        init?(_ message: AuditedMessage) {
            switch MessageOutcome(message) {
            case .closed: self = .closed
            case .handedOff: self = .handedOff
            case .acknowledged: self = .acknowledged
            case .arrivedReply: self = .arrivedReply
            case .open: self = .open
            case .unanswered: self = .unanswered
            case .undeliverable: self = .undeliverable
            case .unexplained: return nil
            }
        }

        fileprivate var count: WritableKeyPath<DayCount, Int> {
            switch self {
            case .closed: \.closed
            case .handedOff: \.handedOff
            case .acknowledged: \.acknowledged
            case .arrivedReply: \.arrivedReplies
            case .open: \.open
            case .unanswered: \.unanswered
            case .undeliverable: \.undeliverable
            }
        }
    }

    /// Counts messages more, or fewer, of one fate.
    mutating func add(_ messages: Int, _ fate: Fate) { self[keyPath: fate.count] += messages }

    /// Counts messages more, or fewer, that bear a mark.
    mutating func add(_ messages: Int, _ mark: MessageMark) { marked[mark.place] += messages }

    /// Without ``manifests``, which the replay counts.
    func write(to writer: inout RecordWriter) {
        writer.put(day)
        for fate in Fate.allCases { writer.put(self[keyPath: fate.count]) }
        for count in marked { writer.put(count) }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        day = try reader.text()
        for fate in Fate.allCases { self[keyPath: fate.count] = try reader.count() }
        for place in marked.indices { marked[place] = try reader.count() }
    }
}
