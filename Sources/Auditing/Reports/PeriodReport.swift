import Membership
public import Statements

/// What the logs say about the messages of a period, and about who came and went in it.
///
/// Its messages are those that the relay accepted in the period, with all that happened to them until the logs end: a
/// receipt that came after the period counts. Computed from an ``AuditVerdict`` whose facts were kept; the same logs and
/// the same request give the same report.
public struct PeriodReport: Sendable {
    /// How long something took, for messages of one urgency.
    public struct Row: Sendable {
        public let urgency: Urgency
        /// Messages of this urgency that ask for an answer and whose promises were kept.
        public internal(set) var messages = 0
        /// Of those that got so far.
        public internal(set) var times = Distribution([])
        /// The policy's; `nil` where it has none.
        public internal(set) var targetSeconds: Int64?
        /// Messages that reached it in time, and those whose time is over or that reached it.
        public internal(set) var met = 0
        public internal(set) var due = 0
    }

    /// A measure by urgency and by the hour of acceptance.
    public struct Measured: Sendable {
        public let measure: ReportMeasure
        /// The most urgent first; only those of which there are messages.
        public internal(set) var rows: [Row] = []
        /// By the hour of the report's zone, 24 of them.
        public internal(set) var hours: [Distribution] = []
    }

    /// The messages of one day of the report's zone.
    public struct Day: Sendable {
        /// `2026-11-23`.
        public let day: String
        public internal(set) var outcomes: [MessageOutcome: Int] = [:]

        public subscript(_ outcome: MessageOutcome) -> Int { outcomes[outcome] ?? 0 }
        public var messages: Int { outcomes.values.reduce(0, +) }
    }

    /// Receipts of one action and reason, or attempts at pages of one outcome.
    public struct Count: Hashable, Sendable {
        public let word: String
        public let reason: String?
        /// How many, and of how many messages.
        public internal(set) var facts = 0
        public internal(set) var messages = 0
    }

    public let request: ReportRequest
    public let organisation: OrganisationID?
    /// `nil` when the genesis was not accepted.
    public let organisationName: String?
    public let relay: String?
    public let roster: AuditVerdict.Tree?
    public let activity: AuditVerdict.Tree?
    public let findings: [AuditFinding]
    /// Whether no promise was broken, in the whole of both logs.
    public let ok: Bool
    /// The member whose device asks.
    public let asker: MemberID?
    /// Until when the logs speak: the request's moment, or the last fact of a message.
    public internal(set) var asOf: Timestamp
    /// By day, every day of the period on which a message was accepted.
    public internal(set) var days: [Day] = []
    public internal(set) var measures: [Measured] = []
    /// How many messages were accepted in each hour of the report's zone.
    public internal(set) var hours = [Int](repeating: 0, count: 24)
    public internal(set) var byUrgency: [Urgency: Int] = [:]
    public internal(set) var replies = 0
    public internal(set) var forwards = 0
    /// Messages about which a promise was broken: no time is taken of them.
    public internal(set) var unsound = 0
    public internal(set) var receipts: [Count] = []
    public internal(set) var pages: [Count] = []
    /// Messages with a page, and those of them of which no push service took any.
    public internal(set) var paged = 0
    public internal(set) var pagedInVain = 0
    /// Every message of the period, in the order of the log.
    public internal(set) var lines: [MessageLine] = []
    /// Messages of before the period that nobody has answered, and that have not expired.
    public internal(set) var olderOpen: [MessageLine] = []
    /// In the order of the log.
    public internal(set) var changes: [RosterChange] = []
    /// Auditors' looks at what the logs and capsules tell, in the order of the log.
    public internal(set) var looks: [AuditedAccess] = []
    /// At the end of the roster log.
    public internal(set) var members = 0
    public internal(set) var liveDevices = 0
    /// Whom the messages are about; `nil` in every report that was not asked for that.
    public var subjects: ReportSubjects?
    public let policy: Policy?
    let names: ReportNames

    /// - Parameter verdict: Of an audit whose ``Audit/detail`` was ``AuditedMessage/Detail/all``.
    /// - Throws: What ``AuditVerdict/forEachMessage(_:_:)`` throws.
    public init(_ verdict: AuditVerdict, _ request: ReportRequest) throws {
        self.request = request
        organisation = verdict.organisation
        organisationName = verdict.view?.roster.genesis.name.description
        relay = verdict.view?.roster.genesis.relay
        roster = verdict.roster
        activity = verdict.activity
        findings = verdict.findings
        ok = verdict.ok
        asker = request.device.flatMap { verdict.view?.device($0)?.member }
        asOf = request.generated
        policy = verdict.view?.policy
        names = ReportNames(verdict.view, isShown: request.showsNames)
        var tally = ReportTally(request, policy)
        try verdict.forEachMessage { tally.take($0) }
        tally.finish(&self)
        looks = try verdict.accesses { request.period.contains($0.logged) }
        guard let view = verdict.view else { return }
        changes = RosterChange.all(view).filter { request.period.contains($0.time) }
        members = view.members.count { $0.status == .active }
        liveDevices = view.allDevices.count { view.liveDevice($0.id) != nil }
    }

    /// Every message of the period, by what became of it.
    public var total: Day {
        var total = Day(day: "all")
        for day in days { total.outcomes.merge(day.outcomes, uniquingKeysWith: +) }
        return total
    }

    /// Messages that ask for an answer: all but replies.
    public var asking: Int { total.messages - replies }

    /// Messages of which the log does not say what became: 0, or a promise was broken.
    public var unexplained: Int { total[.unexplained] }

    /// A member's name, or the id where names are left out; made by others: escape it.
    public func name(_ member: MemberID?) -> String { names.text(member) }

    /// Findings of broken promises, before what is merely worth knowing.
    var broken: [AuditFinding] { findings.filter { $0.severity == .brokenPromise } }
    var notes: [AuditFinding] { findings.filter { $0.severity == .note } }
}
