import Membership
import Statements

/// Takes the messages of a log one after the other and counts what a ``PeriodReport`` tells. What needs the whole to be known
/// first (percentiles, what is due, how long an id must be) is counted when they are given a second time.
struct ReportTally {
    /// What is measured of messages of one urgency and measure.
    private struct Sample {
        var messages = 0
        var times = DistributionTally()
        var targetSeconds: Int64?
        var met = 0
        var missed = 0
        /// Those that have not reached it, and whose time is over: known the second time.
        var overdue = 0
    }

    private struct Key: Hashable {
        let measure: ReportMeasure
        let urgency: Urgency
    }

    private struct ListKey: Hashable {
        let list: ReportList
        /// `nil` in the list that has the order of the log.
        let urgency: Urgency?
    }

    private struct CountKey: Hashable {
        let word: String
        let reason: String?
    }

    private let request: ReportRequest
    private let policy: Policy?
    private var clock: ZoneClock
    private var samples: [Key: Sample] = [:]
    private var hourly: [ReportMeasure: [DistributionTally]]
    private var hours = [Int](repeating: 0, count: 24)
    private var days: [String: PeriodReport.Day] = [:]
    private var byUrgency: [Urgency: Int] = [:]
    private var replies = 0
    private var waitingReplies = 0
    private var forwards = 0
    private var unsound = 0
    private var counts: [CountKey: PeriodReport.Count] = [:]
    private var paged = 0
    private var pagedInVain = 0
    private var takenUp = 0
    private let limit: Int
    /// Until when the logs speak.
    private let asOf: Timestamp
    private var lists: [ListKey: Listed<MessageLine>] = [:]
    /// Messages that a note of the audit is about, and those of them that are of this report.
    private let noted: Set<MessageID>
    private var notedHere: Set<MessageID> = []
    private var uniqueLength = UniqueLength([])

    /// - Parameters:
    ///   - asOf: Until when the logs speak.
    ///   - limit: How many messages each list has room for.
    ///   - noted: Messages that a note of the audit is about.
    init(_ request: ReportRequest, _ policy: Policy?, asOf: Timestamp, limit: Int, noted: Set<MessageID>) {
        self.request = request
        self.policy = policy
        self.limit = limit
        self.asOf = asOf
        self.noted = noted
        clock = ZoneClock(request.zone)
        hourly = Dictionary(
            uniqueKeysWithValues: ReportMeasure.allCases.map {
                ($0, [DistributionTally](repeating: .init(), count: 24))
            })
    }

    private mutating func list(_ line: MessageLine, in list: ReportList) {
        let limit = limit
        let key = ListKey(list: list, urgency: list == .all ? nil : line.urgency)
        lists[key, default: Listed(limit: limit)].add(line)
    }

    // MARK: The first time

    mutating func take(_ message: AuditedMessage) {
        guard request.period.contains(message.logged) else {
            let lists = message.olderLists(in: request.period)
            guard !lists.isEmpty else { return }
            let line = MessageLine(message)
            for one in lists { list(line, in: one) }
            if noted.contains(message.message) { notedHere.insert(message.message) }
            return
        }
        let line = MessageLine(message)
        list(line, in: .all)
        list(line, in: .outcome(line.outcome))
        for mark in line.marks { list(line, in: .marked(mark)) }
        if line.outcome == .open, !line.marks.contains(.declined) { list(line, in: .waiting) }
        if !line.isSound { list(line, in: .notVerified) }
        if noted.contains(line.message) { notedHere.insert(line.message) }
        if !line.isReply, [.acknowledged, .handedOff, .closed].contains(line.outcome),
            !line.marks.contains(.closedUnread)
        {
            takenUp += 1
        }
        let day = clock.day(message.logged)
        days[day, default: .init(day: day)].outcomes[line.outcome, default: 0] += 1
        for mark in line.marks { days[day]?.marks[mark, default: 0] += 1 }
        let hour = clock.hour(message.logged)
        hours[hour] += 1
        byUrgency[message.urgency, default: 0] += 1
        if line.isForward { forwards += 1 }
        count(message.facts)
        if line.pages > 0 { paged += 1 }
        if line.pages > 0, line.acceptedPages == 0 { pagedInVain += 1 }
        if line.isReply { replies += 1 }
        if line.isReply, line.outcome == .open { waitingReplies += 1 }
        guard line.isSound else {
            unsound += 1
            return
        }
        // A reply asks for no answer: its times would say nothing about answers.
        if !line.isReply { measure(line, hour: hour) }
    }

    private mutating func count(_ facts: [AuditedMessage.Fact]) {
        var met: Set<CountKey> = []
        for fact in facts {
            let isEvent = ReceiptAction(rawValue: fact.word) == nil
            // Of other events the reason is a prekey, or what left.
            let key = CountKey(word: fact.word, reason: isEvent && fact.word == "fallback" ? nil : fact.reason)
            counts[key, default: .init(word: key.word, reason: key.reason)].facts += 1
            if met.insert(key).inserted { counts[key]?.messages += 1 }
        }
    }

    private mutating func measure(_ line: MessageLine, hour: Int) {
        for measure in ReportMeasure.allCases {
            let key = Key(measure: measure, urgency: line.urgency)
            samples[key, default: Sample()].messages += 1
            let reached = measure.reached(by: line)
            if let reached {
                let milliseconds = reached.milliseconds(since: line.logged)
                samples[key]?.times.add(milliseconds)
                hourly[measure]?[hour].add(milliseconds)
            }
            guard let target = policy.flatMap({ measure.target(of: line, $0) }) else { continue }
            samples[key]?.targetSeconds = target.seconds
            if let reached {
                let isMet = reached <= target.until && !measure.isMissed(by: line)
                if isMet { samples[key]?.met += 1 } else { samples[key]?.missed += 1 }
            }
        }
    }

    // MARK: The second time

    /// Between the first time and the second.
    mutating func turn() {
        for key in samples.keys { samples[key]?.times.turn() }
        for measure in ReportMeasure.allCases {
            for hour in 0..<24 { hourly[measure]?[hour].turn() }
        }
        uniqueLength = UniqueLength(lists.values.flatMap { $0.first.map(\.message.description) })
    }

    mutating func takeAgain(_ message: AuditedMessage) {
        if limit > 0 { uniqueLength.meet(message.message.description) }
        guard request.period.contains(message.logged) else { return }
        let line = MessageLine(message)
        guard line.isSound, !line.isReply else { return }
        let hour = clock.hour(message.logged)
        for measure in ReportMeasure.allCases {
            let key = Key(measure: measure, urgency: line.urgency)
            if let reached = measure.reached(by: line) {
                let milliseconds = reached.milliseconds(since: line.logged)
                samples[key]?.times.addAgain(milliseconds)
                hourly[measure]?[hour].addAgain(milliseconds)
            } else if let target = policy.flatMap({ measure.target(of: line, $0) }),
                target.until < asOf || measure.isMissed(by: line)
            {
                samples[key]?.overdue += 1
            }
        }
    }

    func finish(_ report: inout PeriodReport) {
        report.days = days.values.sorted { $0.day < $1.day }
        report.hours = hours
        report.byUrgency = byUrgency
        report.replies = replies
        report.waitingReplies = waitingReplies
        report.forwards = forwards
        report.unsound = unsound
        report.paged = paged
        report.pagedInVain = pagedInVain
        report.takenUp = takenUp
        for list in Set(lists.keys.map(\.list)) {
            let urgencies: [Urgency?] = list == .all ? [nil] : Urgency.allCases.map { $0 }
            report.lists[list] = Listed(
                urgencies.compactMap { lists[ListKey(list: list, urgency: $0)] }, limit: limit)
        }
        report.notedMessages = notedHere
        report.idLength = uniqueLength.length
        let counts = counts.values.sorted { ($0.word, $0.reason ?? "") < ($1.word, $1.reason ?? "") }
        report.pages = counts.filter { $0.word == "pushed" }
        report.receipts = ReceiptAction.allCases.flatMap { action in counts.filter { $0.word == action.rawValue } }
        report.measures = ReportMeasure.allCases.map { measure in
            PeriodReport.Measured(
                measure: measure,
                rows: Urgency.allCases.compactMap { urgency in
                    samples[Key(measure: measure, urgency: urgency)].map { row($0, urgency) }
                }, hours: (hourly[measure] ?? []).map(\.distribution))
        }
    }

    private func row(_ sample: Sample, _ urgency: Urgency) -> PeriodReport.Row {
        PeriodReport.Row(
            urgency: urgency, messages: sample.messages, times: sample.times.distribution,
            targetSeconds: sample.targetSeconds, met: sample.met,
            due: sample.met + sample.missed + sample.overdue)
    }
}
