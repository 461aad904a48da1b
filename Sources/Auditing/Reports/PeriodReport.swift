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
        public internal(set) var marks: [MessageMark: Int] = [:]

        public subscript(_ outcome: MessageOutcome) -> Int { outcomes[outcome] ?? 0 }
        /// How many of its messages bear a mark: they are counted by their outcomes already.
        public subscript(_ mark: MessageMark) -> Int { marks[mark] ?? 0 }
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

    /// How much of it is computed; the more, the more often the messages are read.
    public enum Detail: Hashable, Sendable {
        /// Counts alone: all that a stream of messages says of itself.
        case counts
        /// Times as well, with their percentiles.
        case figures
        /// And so many messages of each list.
        case lists(Int)

        var limit: Int { if case .lists(let limit) = self { limit } else { 0 } }
    }

    /// 500: how many rows of a list stand on a page.
    public static let pageLength = 500

    public let request: ReportRequest
    public let organisation: OrganisationID?
    /// When the roster log began; `nil` when the genesis was not accepted.
    public let founded: Timestamp?
    /// ``AuditVerdict/continued``.
    public let continued: UInt64
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
    /// Until when the logs speak: the request's moment, or the end of an export's logs (``PeriodReport/end(of:)``).
    public let asOf: Timestamp
    /// By day, every day of the period on which a message was accepted.
    public internal(set) var days: [Day] = []
    public internal(set) var measures: [Measured] = []
    /// How many messages were accepted in each hour of the report's zone.
    public internal(set) var hours = [Int](repeating: 0, count: 24)
    public internal(set) var byUrgency: [Urgency: Int] = [:]
    public internal(set) var replies = 0
    /// Those of them that no device has fetched yet: they are among the open ones, and ask for no answer.
    public internal(set) var waitingReplies = 0
    public internal(set) var forwards = 0
    /// Messages about which a promise was broken: no time is taken of them.
    public internal(set) var unsound = 0
    public internal(set) var receipts: [Count] = []
    public internal(set) var pages: [Count] = []
    /// Messages with a page, and those of them of which no push service took any.
    public internal(set) var paged = 0
    public internal(set) var pagedInVain = 0
    /// Messages that ask for an answer and were acknowledged, handed off or closed, but not closed unread.
    public internal(set) var takenUp = 0
    /// The first messages of each list.
    var lists: [ReportList: Listed<MessageLine>] = [:]
    /// Messages of this report that a note of the audit is about.
    var notedMessages: Set<MessageID> = []
    /// How much of a listed message's id tells it from all others of the log.
    var idLength = UniqueLength([]).length
    /// In the order of the log.
    public internal(set) var changes: [RosterChange] = []
    /// Auditors' looks at what the logs and capsules tell, the first ones, in the order of the log.
    public internal(set) var looks = Listed<AuditedAccess>(limit: 0)
    /// At the end of the roster log.
    public internal(set) var members = 0
    public var liveDevices: Int { live.count }
    private var live: Set<DeviceID> = []
    /// Every device that was ever enrolled.
    public private(set) var devices: [DeviceID] = []
    /// Whom the messages are about; `nil` in every report that was not asked for that.
    public private(set) var subjects: ReportSubjects?
    public let policy: Policy?
    /// The devices that are revoked by now.
    private var revocations: [DeviceID: LaterRevocation] = [:]
    /// ``AuditVerdict/witnesses``.
    let witnesses: WitnessStanding?
    let names: ReportNames

    /// - Parameter verdict: Of an audit whose ``Audit/detail`` was ``AuditedMessage/Detail/all``.
    /// - Throws: What ``AuditVerdict/forEachMessage(_:_:)`` throws.
    public init(_ verdict: AuditVerdict, _ request: ReportRequest, detail: Detail = .lists(PeriodReport.pageLength))
        throws
    {
        self.request = request
        organisation = verdict.organisation
        founded = verdict.view?.memberChanges.first?.place.time
        continued = verdict.continued
        organisationName = verdict.view?.roster.genesis.name.description
        relay = verdict.view?.roster.genesis.relay
        roster = verdict.roster
        activity = verdict.activity
        findings = verdict.findings
        ok = verdict.ok
        asker = request.device.flatMap { verdict.view?.device($0)?.member }
        asOf = request.isPresent ? request.generated : Self.end(of: verdict) ?? request.generated
        policy = verdict.view?.policy
        witnesses = verdict.witnesses
        names = ReportNames(verdict.view, isShown: request.showsNames)
        let noted = findings.filter { $0.severity == .note }.compactMap(\.message)
        var tally = ReportTally(request, policy, asOf: asOf, limit: detail.limit, noted: Set(noted))
        try verdict.forEachMessage { tally.take($0) }
        if detail != .counts {
            tally.turn()
            try verdict.forEachMessage { tally.takeAgain($0) }
        }
        tally.finish(&self)
        var looks = Listed<AuditedAccess>(limit: detail.limit)
        try verdict.forEachAccess { if request.period.contains($0.logged) { looks.add($0) } }
        self.looks = looks
        guard let view = verdict.view else { return }
        changes = RosterChange.all(view, signers: verdict.rosterSigners).filter { request.period.contains($0.time) }
        devices = view.allDevices.map(\.id)
        for device in view.allDevices { revocations[device.id] = LaterRevocation(of: device.id, view) }
        members = view.members.count { $0.status == .active }
        live = Set(view.allDevices.map(\.id).filter { view.liveDevice($0) != nil })
    }

    /// Whether somebody should still get at a message, and no device is left that has it.
    public func isOutOfReach(_ line: MessageLine) -> Bool {
        line.outcome.isOutOfReach(line.devices, isLive: live.contains)
    }

    /// The lists of what nobody has taken up: the one with the most urgent message first, and of the same urgency what
    /// nobody has answered before what waits.
    public var leftLists: [ReportList] {
        let lists: [ReportList] = [
            .outcome(.unanswered), .olderOutcome(.unanswered), .marked(.declined), .olderMarked(.declined),
            .outcome(.unexplained), .olderOutcome(.unexplained), .outcome(.undeliverable),
            .olderOutcome(.undeliverable), .waiting, .olderWaiting,
        ]
        // Each has its most urgent one in front.
        func urgency(_ list: ReportList) -> Int {
            let first = listed(list).first.first
            return first.flatMap { Urgency.allCases.firstIndex(of: $0.urgency) } ?? Urgency.allCases.count
        }
        return lists.enumerated().sorted { (urgency($0.element), $0.offset) < (urgency($1.element), $1.offset) }
            .map(\.element)
    }

    /// The lists of what was taken up as it should not be: answered late, closed unread.
    public var markedLists: [ReportList] {
        [.marked(.late), .olderMarked(.late), .marked(.closedUnread), .olderMarked(.closedUnread)]
    }

    /// Whether a message of before the period stands in any list.
    public var hasOlder: Bool { ReportList.older.contains { !listed($0).isEmpty } }

    /// `2 expired unanswered, 1 without an answer yet`: what of before the period stands in the lists; nothing where nothing does.
    /// It is in none of the counts, which go by acceptance.
    public var olderWords: String {
        ReportList.older.compactMap { list in
            let count = listed(list).count
            return count == 0 ? nil : list.olderPhrase(count)
        }.joined(separator: ", ")
    }

    /// `13 without an answer yet, 2 of them replies that no device has fetched`: what asks for no answer is said to.
    public func phrase(_ outcome: MessageOutcome) -> String {
        let words = outcome.phrase(total[outcome])
        guard outcome == .open, waitingReplies > 0 else { return words }
        return
            "\(words) (\(waitingReplies) of them \(waitingReplies == 1 ? "a reply" : "replies"), not fetched yet)"
    }

    /// The first messages of a list, and how many there are.
    public func listed(_ list: ReportList) -> Listed<MessageLine> { lists[list] ?? Listed(limit: 0) }

    /// The beginning of a listed message's id that is enough to find it.
    public func shortID(_ message: MessageID) -> String { String(message.description.prefix(idLength)) }

    /// Tells whom the messages are about, those that are listed here and those that are written one after the other.
    /// - Throws: What ``ReportSubjects/subject(of:)`` throws.
    public mutating func name(_ subjects: ReportSubjects) throws {
        self.subjects = subjects
        for (list, listed) in lists {
            var listed = listed
            for place in listed.first.indices {
                listed.first[place].subject = try subjects.subject(of: listed.first[place].message)
            }
            lists[list] = listed
        }
    }

    /// A message with whom it is about, where that is told.
    func line(of message: AuditedMessage) throws -> MessageLine {
        var line = MessageLine(message)
        line.subject = try subjects?.subject(of: line.message)
        return line
    }

    /// Every message of the period, by what became of it.
    public var total: Day {
        var total = Day(day: "all")
        for day in days {
            total.outcomes.merge(day.outcomes, uniquingKeysWith: +)
            total.marks.merge(day.marks, uniquingKeysWith: +)
        }
        return total
    }

    /// `; of these 1 declined, and nobody takes it`: nothing where no message bears a mark.
    public var markWords: String {
        let parts = MessageMark.allCases.filter { total[$0] > 0 }.map { $0.phrase(total[$0]) }
        return parts.isEmpty ? "" : "; of these \(parts.joined(separator: ", "))"
    }

    /// Messages that ask for an answer: all but replies.
    public var asking: Int { total.messages - replies }

    /// Messages of which the log does not say what became: 0, or a promise was broken.
    public var unexplained: Int { total[.unexplained] }

    /// A member's name, or the id where names are left out; made by others: escape it.
    public func name(_ member: MemberID?) -> String { names.text(member) }

    /// That the device which did something is revoked by now.
    func revocation(_ moment: MessageLine.Moment?) -> LaterRevocation? {
        moment?.device.flatMap { revocations[$0] }
    }

    /// The same of a receipt; `nil` of an event of the relay.
    func revocation(_ fact: AuditedMessage.Fact) -> LaterRevocation? {
        fact.isReceipt ? fact.device.flatMap { revocations[$0] } : nil
    }

    /// `, on a device since revoked (stolen)`: behind whoever did it; nothing where the device is not revoked.
    public func mark(of moment: MessageLine.Moment?) -> String {
        revocation(moment).map { ", \($0.words(showsReason: request.showsNames))" } ?? ""
    }

    /// The same of who closed what another device had taken up, which is the one that is told.
    public func closingMark(of line: MessageLine) -> String {
        guard let closed = line.closed, let told = line.told, closed.device != told.device else { return "" }
        return mark(of: closed)
    }

    /// Why it cannot have a message; `nil` when it can. Somebody who mistyped a year finds out.
    public var emptiness: String? {
        guard let founded, request.period.end <= founded else { return nil }
        return
            "The organisation was founded on \(request.zone.minute(founded)), after this period: it has no messages of then."
    }

    /// What a change made of it; `nil` where somebody typed that and names are left out.
    public func words(of change: RosterChange) -> String? {
        guard request.showsNames else { return change.holdsTypedWords ? nil : change.words }
        guard let names = change.renaming else { return change.words }
        return "\(change.words): \(names.after) (before: \(names.before))"
    }

    /// The label of the device that was revoked; `nil` where names are left out, and of every other change.
    public func label(of change: RosterChange) -> String? { request.showsNames ? change.label : nil }

    /// Who signed a change: members by name, and other keys by what they are.
    public func signers(of change: RosterChange) -> String {
        change.signers.map(words(of:)).joined(separator: ", ")
    }

    func words(of signer: RosterChange.Signer) -> String {
        switch signer {
        case .device(_, let member): names.text(member)
        case .invitation: "with an invitation"
        case .recoveryKey: "the recovery key"
        }
    }

    /// Findings of broken promises, before what is merely worth knowing.
    public var broken: [AuditFinding] { findings.filter { $0.severity != .note } }
    /// Whether nothing is wrong but the copy that was read: that convicts nobody.
    public var isDamagedCopyAlone: Bool { !broken.isEmpty && broken.allSatisfy { $0.severity == .damagedCopy } }
    /// Whether nothing is wrong but that a later version wrote a part of the logs, and nothing from there on was judged.
    public var isUnjudgedAlone: Bool { !broken.isEmpty && broken.allSatisfy { $0.severity == .unjudged } }
    var notes: [AuditFinding] { findings.filter { $0.severity == .note } }
}
