/// The rules that an organisation sets for itself; the first is part of `genesis`.
public struct Policy: Hashable, Sendable {
    /// How fast an unacknowledged message comes back and moves on; 0 means never.
    public struct AlertTimes: Hashable, Sendable {
        public let realertSeconds: UInt64
        public let nextStepSeconds: UInt64

        public init(realertSeconds: UInt64, nextStepSeconds: UInt64) {
            self.realertSeconds = realertSeconds
            self.nextStepSeconds = nextStepSeconds
        }
    }

    /// Who may write to whom.
    public struct WriteRight: Hashable, Comparable, Sendable {
        public let from: Role
        public let to: Role

        public init(from: Role, to: Role) {
            self.from = from
            self.to = to
        }

        public static func < (left: Self, right: Self) -> Bool { (left.from, left.to) < (right.from, right.to) }
    }

    /// What a page's sealed alert may say.
    public enum PushContent: String, Sendable {
        case alert, constant
    }

    /// Idle time after which a client locks.
    public var lockAfterSeconds: UInt64 = 900
    /// From `at` to `expires` when the sender does not say.
    public var defaultLifespanSeconds: UInt64 = 86_400
    public var maximumLifespanSeconds: UInt64 = 604_800
    /// How long the relay keeps entries and sealed bytes: six years.
    public var retentionDays: UInt64 = 2_192
    /// How far ahead a message to a service is sealed.
    public var coverSeconds: UInt64 = 43_200
    /// Claims of prekeys that did not end in an accepted message.
    public var claimsPerHourAndClaimant: UInt64 = 60
    public var claimsPerHourAndTarget: UInt64 = 10
    /// Accepted messages.
    public var messagesPerHourAndSender: UInt64 = 3_600
    public var queueItems: UInt64 = 10_000
    public var queueBytes: UInt64 = 268_435_456
    public var alerts: [Urgency: AlertTimes] = [
        .emergent: AlertTimes(realertSeconds: 120, nextStepSeconds: 300),
        .urgent: AlertTimes(realertSeconds: 300, nextStepSeconds: 900),
        .sameDay: AlertTimes(realertSeconds: 1_800, nextStepSeconds: 7_200),
        .routine: AlertTimes(realertSeconds: 0, nextStepSeconds: 0),
    ]
    /// After which an acknowledged message that is not closed comes back.
    public var reopenSeconds: UInt64 = 14_400
    public var pushContent: PushContent = .alert
    public var writeRights: Set<WriteRight> = [
        WriteRight(from: .provider, to: .provider), WriteRight(from: .provider, to: .intake),
        WriteRight(from: .intake, to: .provider), WriteRight(from: .admin, to: .provider),
        WriteRight(from: .gateway, to: .provider),
    ]

    public init() {}

    init(reading reader: inout TextReader) throws(StatementError) {
        lockAfterSeconds = try reader.integer("lock-after")
        (defaultLifespanSeconds, maximumLifespanSeconds) = try Self.pair("lifespan", from: &reader)
        guard defaultLifespanSeconds >= 1, defaultLifespanSeconds <= maximumLifespanSeconds else {
            throw reader.error("lifespan")
        }
        retentionDays = try reader.integer("retention")
        coverSeconds = try reader.integer("cover")
        (claimsPerHourAndClaimant, claimsPerHourAndTarget) = try Self.namedPair("quota", "claims", from: &reader)
        messagesPerHourAndSender = try Self.named("quota", "messages", from: &reader)
        (queueItems, queueBytes) = try Self.namedPair("quota", "queue", from: &reader)
        for urgency in Urgency.allCases {
            let (realert, next) = try Self.namedPair("alert", urgency.rawValue, from: &reader)
            alerts[urgency] = AlertTimes(realertSeconds: realert, nextStepSeconds: next)
        }
        reopenSeconds = try reader.integer("reopen")
        pushContent = try reader.word("push")
        writeRights = []
        while reader.isNext("write") {
            let fields = try reader.fields("write", count: 2)
            let error = reader.error("write")
            writeRights.insert(
                WriteRight(
                    from: try TextReader.word(fields[0], or: error), to: try TextReader.word(fields[1], or: error)))
        }
    }

    func write(to writer: inout TextWriter) {
        writer.line("lock-after", lockAfterSeconds)
        writer.line("lifespan", defaultLifespanSeconds, maximumLifespanSeconds)
        writer.line("retention", retentionDays)
        writer.line("cover", coverSeconds)
        writer.line("quota", "claims", claimsPerHourAndClaimant, claimsPerHourAndTarget)
        writer.line("quota", "messages", messagesPerHourAndSender)
        writer.line("quota", "queue", queueItems, queueBytes)
        for urgency in Urgency.allCases {
            let times = alerts[urgency] ?? AlertTimes(realertSeconds: 0, nextStepSeconds: 0)
            writer.line("alert", urgency.rawValue, times.realertSeconds, times.nextStepSeconds)
        }
        writer.line("reopen", reopenSeconds)
        writer.line("push", pushContent.rawValue)
        for right in writeRights.sorted() { writer.line("write", right.from.rawValue, right.to.rawValue) }
    }

    private static func pair(
        _ key: StaticString, from reader: inout TextReader
    ) throws(StatementError) -> (UInt64, UInt64) {
        let fields = try reader.fields(key, count: 2)
        let error = reader.error(key.description)
        return (try TextReader.integer(fields[0], or: error), try TextReader.integer(fields[1], or: error))
    }

    private static func namedPair(
        _ key: StaticString, _ name: String, from reader: inout TextReader
    ) throws(StatementError) -> (UInt64, UInt64) {
        let fields = try reader.fields(key, count: 3)
        let error = reader.error(key.description)
        guard fields[0].elementsEqual(name.utf8) else { throw error }
        return (try TextReader.integer(fields[1], or: error), try TextReader.integer(fields[2], or: error))
    }

    private static func named(
        _ key: StaticString, _ name: String, from reader: inout TextReader
    ) throws(StatementError) -> UInt64 {
        let fields = try reader.fields(key, count: 2)
        let error = reader.error(key.description)
        guard fields[0].elementsEqual(name.utf8) else { throw error }
        return try TextReader.integer(fields[1], or: error)
    }
}
