import DeviceKit
import Statements

/// Who has a message that was handed on from here, and how far it is with them.
struct CarriedOn: Sendable, Equatable {
    /// The name of the one who has it now.
    let to: String
    /// As their verified receipts say it.
    let state: String
    /// When it came to stand so; when it was handed on, while nothing is known.
    let since: Timestamp
    /// When it was handed on.
    let at: Timestamp
    let expires: Timestamp
    /// When it was sent first, if nobody had acknowledged it before it was handed on: the patient's time goes on.
    var waitsSince: Timestamp?
    /// Why they said no.
    var declinedFor: ReceiptReason?

    /// Whether somebody else answers for it now; until then, whoever handed it on does.
    var isTakenUp: Bool { ["acknowledged", "handed_off", "closed"].contains(state) }
    var isDeclined: Bool { state == "declined" }
    /// `declined (it is not mine)`.
    var declinedWords: String {
        "declined" + (declinedFor.flatMap(ScreenDialog.words).map { " (\"\($0)\")" } ?? "")
    }
    var isClosed: Bool { state == "closed" }

    /// By when somebody ought to have taken it up: as soon as the one who was asked first, unless that time was over already.
    func due(_ urgency: Urgency, _ policy: Policy) -> Timestamp {
        let own = AnswerTime.due(urgency, at: at, expires: expires, policy)
        guard let first = firstDue(urgency, policy), first > at else { return own }
        return min(first, own)
    }

    /// The time within which the one who was asked first was to answer.
    func firstDue(_ urgency: Urgency, _ policy: Policy) -> Timestamp? {
        waitsSince.map { AnswerTime.due(urgency, at: $0, expires: expires, policy) }
    }

    /// When whoever handed it on is to look after it again: at once after a no, and when nobody took it up in time.
    /// - Parameters:
    ///   - last: When somebody last looked at it.
    ///   - reopenSeconds: The policy's time until it is brought up once more; 0 means never.
    func comesBack(
        after last: Timestamp?, _ urgency: Urgency, _ policy: Policy, reopenSeconds: UInt64
    ) -> Timestamp? {
        guard !isTakenUp else { return nil }
        let first = isDeclined ? since : due(urgency, policy)
        guard let last, last >= first else { return first }
        guard reopenSeconds > 0 else { return nil }
        return last.adding(seconds: Int64(clamping: min(reopenSeconds, 1 << 32)))
    }
}
