import Auditing
import Statements

/// To whom a message was handed: the receipt does not say it, the message that carries it on does.
struct HandedOn: Sendable {
    private let forwards: [AuditedMessage]

    /// - Parameter verdict: Whose log holds the messages that carry this one on.
    init(_ message: AuditedMessage, in verdict: AuditVerdict) throws {
        var forwards: [AuditedMessage] = []
        try verdict.forEachMessage(.none) { one in
            if one.reference == .forwardOf(message.message) { forwards.append(one) }
        }
        self.forwards = forwards
    }

    /// - Parameter forwards: Messages that carry others on, this one's among them.
    init(_ message: AuditedMessage, among forwards: [AuditedMessage]) {
        self.forwards = forwards.filter { $0.reference == .forwardOf(message.message) }
    }

    /// The message that a receipt was signed for: the last one that its signer sent before. `nil` for other facts, and when
    /// the log holds none.
    func by(_ fact: AuditedMessage.Fact) -> AuditedMessage? {
        guard fact.word == ReceiptAction.handedOff.rawValue else { return nil }
        return forwards.last { $0.sender == fact.device && $0.index < fact.index }
    }
}
