import DeviceKit
import Statements

/// What a person is told of an answer that they gave: what they promised by it, and whether anybody knows.
struct AnswerWords {
    let action: ReceiptAction
    let reason: ReceiptReason?
    /// When they promised to call.
    var promised: Timestamp?
    /// Whether it is about a reply, by which nobody waits for a call, and no reason was named.
    var asksForNoCall = false
    /// Whether it had expired: then who calls is agreed by telephone first.
    var isTooLate = false

    /// Whether its sender reads that this person calls the patient.
    var promisesCall: Bool {
        action == .acknowledged && (reason == .callingNow || reason == .willCallBy) && !asksForNoCall
    }

    /// What the one who acknowledges has promised by it, in their words; `nil` when that is nothing.
    func promise(now: Timestamp = .now()) -> String? {
        guard action == .acknowledged else { return nil }
        if let promised { return "promised: you call by \(ClockTime.ahead(promised, now: now))" }
        guard reason == .callingNow, !isTooLate else { return nil }
        return asksForNoCall
            ? "a reply asks for no call: you promised none (to promise one: nightbell ack MSG --by TIME)"
            : "promised: you call NOW (another time: nightbell ack MSG --by TIME)"
    }

    /// The answer is signed and stored, and the relay has not taken it: who does not know of it, and what to do about that.
    func untold(_ cause: DeviceKitError, to sender: String) -> DeviceKitError {
        DeviceKitError(
            cause.code, cause.category,
            "NOT yet known to \(sender): your \(thing) is kept on this device, and not with them (\(cause.message))",
            next: "\(step(sender)); \"nightbell watch\", or the same command again, sends it when the relay takes it")
    }

    /// The answer is known, and the words that go with it are not: what of them, and what to do about that.
    /// - Parameter areRefused: Whether they never go out.
    func wordsUntold(_ cause: DeviceKitError, to sender: String, areRefused: Bool = false) -> String {
        let what = promised.map { "that you call by \(ClockTime.text($0))" } ?? "your new words"
        let fate =
            areRefused
            ? "the words were REFUSED and never go out (\(cause.message))"
            : "the words wait on this device (\(cause.message)), and \"nightbell watch\" or \"nightbell inbox\" sends them"
        return
            "NOT known to \(sender): \(what). TELEPHONE \(sender) if it matters now: \(fate). Your \(thing) itself is "
            + "known"
    }

    /// What stands before everything else while nobody else knows of the words.
    func untoldWords(to sender: String, now: Timestamp = .now()) -> String {
        let what = promised.map { "you call by \(ClockTime.ahead($0, now: now))" } ?? "your new words"
        return "NOT known to \(sender): \(what)"
    }

    /// What to know of a message that is acknowledged when its time is over; `nil` while it is not.
    static func expired(
        _ expires: Timestamp, sender: String, now: Timestamp, _ clock: WallClock = .here
    ) -> String? {
        guard expires <= now else { return nil }
        return
            "TOO LATE: it expired at \(clock.moment(expires, now: now)) and \(sender) was told to telephone: call "
            + "\(sender) first"
    }

    /// What whoever acknowledges at a terminal is asked about what they have not read.
    static let promiseUnread = "You have not read it. Promise to call all the same?"

    /// What they are asked about a time so far away that it may be mistyped; `nil` for any other.
    static func promiseLate(_ promised: Timestamp, now: Timestamp) -> String? {
        let ahead = promised.milliseconds(since: now)
        guard ahead > longMilliseconds else { return nil }
        return "That is in \(WallClock.span(ahead)). Promise that?"
    }

    private static let longMilliseconds: Int64 = 3_600_000

    /// What whoever declines at a terminal is asked: by what they know it, and what it costs.
    static func decline(_ urgency: String, from sender: String, at time: Timestamp, now: Timestamp = .now()) -> String {
        "Decline \(urgency) from \(sender), sent \(WallClock.here.moment(time, now: now))? \(sender) must find someone else."
    }

    private var thing: String {
        switch action {
        case .acknowledged: "acknowledgement"
        case .declined: "refusal"
        default: "word that it is closed"
        }
    }

    private func step(_ sender: String) -> String {
        switch action {
        case .acknowledged where asksForNoCall: "if \(sender) must know it now, TELEPHONE them"
        case .acknowledged where reason == .needInfo:
            "TELEPHONE \(sender) and ask: they do not know that you need something"
        case .acknowledged: "call as you promised, and TELEPHONE \(sender), who may be looking for somebody else"
        case .declined: "TELEPHONE \(sender) NOW: they still believe that you may take it, and look for nobody else"
        default: "if \(sender) must know it now, TELEPHONE them"
        }
    }
}
