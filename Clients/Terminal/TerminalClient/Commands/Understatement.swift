import DeviceKit
import Statements

/// A call record that was triaged as more urgent than it is sent: the record's words wake nobody, the message's urgency does.
struct Understatement {
    let triaged: Urgency
    let sent: Urgency

    /// `nil` when the urgency is the record's or a greater one, or there is no record.
    init?(_ content: MessageContent, sentAs sent: Urgency) {
        guard case .record(let record) = content, let triaged = record.urgency, triaged < sent else { return nil }
        self.triaged = triaged
        self.sent = sent
    }

    /// What is wrong, and what to type when it is not meant.
    /// - Parameter record: As it was given.
    func warning(to member: String, record: String?) -> String {
        "the record says \(MessageWords.urgency(triaged)), and this sends it as \(MessageWords.urgency(sent)): nobody is woken as for "
            + "\(triaged.rawValue). If that is not meant, send it as the record says: \(command(to: member, record: record))"
    }

    private func command(to member: String, record: String?) -> String {
        "nightbell send --to \"\(member)\" --urgency \(triaged.rawValue) --record \(record ?? "-")"
    }

    /// Whoever types is asked; what a script says is meant.
    /// - Throws: That it was not meant: nothing is sent.
    func confirm(to member: String, record: String?) throws(DeviceKitError) {
        guard Input.isTerminal, record != "-" else { return }
        guard !TerminalPrompt.confirms("Send it as \(MessageWords.urgency(sent)) all the same?") else { return }
        throw DeviceKitError(
            "not_sent", .failed, "NOT SENT, and nothing is kept: \(SafeText.line(member)) knows nothing of it",
            next: "send it as the record says: \(command(to: member, record: record))")
    }
}
