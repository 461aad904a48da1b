import Membership
import Statements

/// Takes the messages of a log one after the other and counts what a ``PeriodReport`` tells.
struct ReportTally {
    /// What is measured of messages of one urgency and measure, before it is sorted.
    private struct Sample {
        var messages = 0
        var times: [Int64] = []
        var targetSeconds: Int64?
        var met = 0
        /// Until when each of those had time that have not reached it.
        var pending: [Timestamp] = []
        var missed = 0
    }

    private struct Key: Hashable {
        let measure: ReportMeasure
        let urgency: Urgency
    }

    private struct CountKey: Hashable {
        let word: String
        let reason: String?
    }

    private let request: ReportRequest
    private let policy: Policy?
    private var clock: ZoneClock
    private var samples: [Key: Sample] = [:]
    private var hourly: [ReportMeasure: [[Int64]]]
    private var hours = [Int](repeating: 0, count: 24)
    private var days: [String: PeriodReport.Day] = [:]
    private var byUrgency: [Urgency: Int] = [:]
    private var replies = 0
    private var forwards = 0
    private var unsound = 0
    private var counts: [CountKey: PeriodReport.Count] = [:]
    private var paged = 0
    private var pagedInVain = 0
    private var lines: [MessageLine] = []
    private var olderOpen: [MessageLine] = []
    private var last = Timestamp(milliseconds: 0)

    init(_ request: ReportRequest, _ policy: Policy?) {
        self.request = request
        self.policy = policy
        clock = ZoneClock(request.zone)
        hourly = Dictionary(
            uniqueKeysWithValues: ReportMeasure.allCases.map { ($0, [[Int64]](repeating: [], count: 24)) })
    }

    mutating func take(_ message: AuditedMessage) {
        last = max(last, message.facts.last?.logged ?? message.logged, message.logged)
        guard request.period.contains(message.logged) else {
            if message.logged < request.period.start, MessageOutcome(message) == .open {
                olderOpen.append(MessageLine(message))
            }
            return
        }
        let line = MessageLine(message)
        lines.append(line)
        let day = clock.day(message.logged)
        days[day, default: .init(day: day)].outcomes[line.outcome, default: 0] += 1
        let hour = clock.hour(message.logged)
        hours[hour] += 1
        byUrgency[message.urgency, default: 0] += 1
        if line.isForward { forwards += 1 }
        count(message.facts)
        if line.pages > 0 { paged += 1 }
        if line.pages > 0, line.acceptedPages == 0 { pagedInVain += 1 }
        if line.isReply { replies += 1 }
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
                samples[key]?.times.append(milliseconds)
                hourly[measure]?[hour].append(milliseconds)
            }
            guard let target = policy.flatMap({ measure.target(of: line, $0) }) else { continue }
            samples[key]?.targetSeconds = target.seconds
            if let reached {
                if reached <= target.until { samples[key]?.met += 1 } else { samples[key]?.missed += 1 }
            } else {
                samples[key]?.pending.append(target.until)
            }
        }
    }

    func finish(_ report: inout PeriodReport) {
        if !request.isPresent { report.asOf = last }
        report.days = days.values.sorted { $0.day < $1.day }
        report.hours = hours
        report.byUrgency = byUrgency
        report.replies = replies
        report.forwards = forwards
        report.unsound = unsound
        report.paged = paged
        report.pagedInVain = pagedInVain
        report.lines = lines
        report.olderOpen = olderOpen
        let counts = counts.values.sorted { ($0.word, $0.reason ?? "") < ($1.word, $1.reason ?? "") }
        report.pages = counts.filter { $0.word == "pushed" }
        report.receipts = ReceiptAction.allCases.flatMap { action in counts.filter { $0.word == action.rawValue } }
        report.measures = ReportMeasure.allCases.map { measure in
            PeriodReport.Measured(
                measure: measure,
                rows: Urgency.allCases.compactMap { urgency in
                    samples[Key(measure: measure, urgency: urgency)].map { row($0, urgency, asOf: report.asOf) }
                }, hours: (hourly[measure] ?? []).map { Distribution($0) })
        }
    }

    private func row(_ sample: Sample, _ urgency: Urgency, asOf: Timestamp) -> PeriodReport.Row {
        PeriodReport.Row(
            urgency: urgency, messages: sample.messages, times: Distribution(sample.times),
            targetSeconds: sample.targetSeconds, met: sample.met,
            due: sample.met + sample.missed + sample.pending.count { $0 < asOf })
    }
}
