import Auditing
import Secrets
import SignerSupport
import Statements

/// What happened in a story, as the test that told it wrote it down: nothing of it was read from a log.
struct ToldMessage {
    let message: MessageID
    let urgency: Urgency
    let accepted: Timestamp
    var delivered: Timestamp?
    var read: Timestamp?
    var answered: Timestamp?
    var closed: Timestamp?
    var outcome = MessageOutcome.open
}

extension World {
    static let practiceDay = "2026-11-23"

    /// Sends one message to Bo and plays its life: each step so many seconds after the one before, `nil` for a step that
    /// does not come. What nobody answers expires.
    func play(
        _ name: String, _ urgency: Urgency, life: Int64 = 4 * 3_600, delivered: Int64?, read: Int64?, answered: Int64?,
        closed: Int64?, by action: ReceiptAction = .acknowledged, expires: Bool = true
    ) -> ToldMessage {
        let sent = send(name, lifeSeconds: life) { $0.urgency = urgency }
        var told = ToldMessage(message: sent.message, urgency: urgency, accepted: now)
        guard let delivered else {
            if expires { expire(sent, &told) }
            return told
        }
        serve(sent, to: "bo")
        wait(seconds: delivered)
        told.delivered = now
        receipt(.delivered, of: sent, by: "bo")
        if let read {
            wait(seconds: read)
            told.read = now
            receipt(.read, of: sent, by: "bo")
        }
        if let answered {
            wait(seconds: answered)
            told.answered = now
            receipt(action, of: sent, by: "bo")
            told.outcome = action == .closed ? .closed : .acknowledged
            if action == .closed { told.closed = now }
        }
        if let closed {
            wait(seconds: closed)
            told.answered = told.answered ?? now
            told.closed = now
            receipt(.closed, of: sent, by: "bo")
            told.outcome = .closed
        }
        if told.answered == nil, expires { expire(sent, &told) }
        // Whoever only closed it may not know what it says.
        let isTaken = answered != nil && action != .closed
        if told.closed != nil, told.read == nil, !isTaken { told.answered = nil }
        return told
    }

    private func expire(_ sent: Sent, _ told: inout ToldMessage) {
        now = max(now, sent.expires)
        unanswered(sent)
        told.outcome = .unanswered
    }

    /// The report of an audit of this world's logs.
    func report(
        from: String = practiceDay, to: String = practiceDay, zone: ReportZone = .utc, present: Bool = true,
        change: (inout ReportRequest) -> Void = { _ in }
    ) async throws -> (report: PeriodReport, verdict: AuditVerdict) {
        let verdict = try await audit()
        var request = ReportRequest(
            period: ReportPeriod(from: from, to: to, zone: zone)!, zone: zone, generated: now, isPresent: present,
            device: .named("udo"))
        change(&request)
        return (try PeriodReport(verdict, request), verdict)
    }

    /// Two messages of 23 November and one of the 24th: told in words by the tests of the texts.
    static func littleStory() -> World {
        let world = World.practice()
        _ = world.play("answered", .urgent, delivered: 2, read: 20, answered: 60, closed: 3_600)
        _ = world.play("expired", .emergent, life: 600, delivered: nil, read: nil, answered: nil, closed: nil)
        world.now = Timestamp(Array("2026-11-24T08:00:00.000Z".utf8))!
        _ = world.play("open", .routine, delivered: 5, read: nil, answered: nil, closed: nil, expires: false)
        return world
    }
}

/// Numbers that a seed gives, the same on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
