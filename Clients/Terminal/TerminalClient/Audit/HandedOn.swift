import Auditing
import Statements

/// To whom a message was handed: the receipt does not say it, the message that carries it on does.
struct HandedOn: Sendable {
    private let forwards: [AuditedMessage]

    /// - Parameter all: Every message of the log.
    init(_ message: AuditedMessage, among all: [AuditedMessage]) {
        forwards = all.filter { $0.reference == .forwardOf(message.message) }
    }

    /// The message that a receipt was signed for: the last one that its signer sent before. `nil` for other facts, and when
    /// the log holds none.
    func by(_ fact: AuditedMessage.Fact) -> AuditedMessage? {
        guard fact.word == ReceiptAction.handedOff.rawValue else { return nil }
        return forwards.last { $0.sender == fact.device && $0.index < fact.index }
    }
}
