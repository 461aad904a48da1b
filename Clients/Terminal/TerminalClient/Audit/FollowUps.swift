import Auditing
import Statements

/// What goes back to a message. To whom it was handed its receipt does not say, the message that carries it on does; and who
/// answered it with words, their messages do.
struct FollowUps: Sendable {
    /// In the order of the log.
    let replies: [AuditedMessage]
    private let forwards: [AuditedMessage]

    /// - Parameter verdict: Whose log holds the messages that carry this one on or answer it.
    init(_ message: AuditedMessage, in verdict: AuditVerdict) throws {
        var found: [AuditedMessage] = []
        try verdict.forEachMessage(.none) { one in if one.refersTo == message.message { found.append(one) } }
        self.init(message, among: found)
    }

    /// - Parameter messages: Messages that go back to others, those that go back to this one among them.
    init(_ message: AuditedMessage, among messages: [AuditedMessage]) {
        replies = messages.filter { $0.reference == .inReplyTo(message.message) }
        forwards = messages.filter { $0.reference == .forwardOf(message.message) }
    }

    /// The message that a receipt was signed for: the last one that its signer sent before. `nil` for other facts, and when
    /// the log holds none.
    func by(_ fact: AuditedMessage.Fact) -> AuditedMessage? {
        guard fact.word == ReceiptAction.handedOff.rawValue else { return nil }
        return forwards.last { $0.sender == fact.device && $0.index < fact.index }
    }
}
