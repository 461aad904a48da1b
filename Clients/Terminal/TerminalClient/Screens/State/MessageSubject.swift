import DeviceKit
import Statements
import TerminalScreen

/// Whom an opened message is about, and the number to call: what tells one from another. It comes from inside the seal.
struct MessageSubject: Sendable, Equatable {
    /// As one says it; where there is no record, the first words.
    let who: String
    /// As a list has it, where there is room for the beginning alone: the family's name first.
    let listed: String
    /// With what is to be known of it.
    let callback: String?

    /// In one line, of which the number is never cut.
    func line(columns: Int) -> StyledLine {
        guard let callback else { return StyledLine(Columns.cut(who, to: columns), .strong) }
        let room = max(0, columns - Columns.width(callback) - 2)
        return StyledLine(Columns.cut(who, to: room) + "  ").adding(callback, .strong)
    }
}

extension ShownMessage {
    /// `nil` for what does not open or says nothing.
    var subject: MessageSubject? { body.subject }

    /// How urgent the call record inside says that it is; `nil` where there is none.
    var recordUrgency: Urgency? { body.recordUrgency }
}

extension ShownMessage.Body {
    fileprivate var subject: MessageSubject? {
        switch self {
        case .record(let record): MessageSubject(record)
        case .text(let text), .raw(let text): MessageSubject(words: text)
        case .reply(let reply): MessageSubject(words: reply.text ?? reply.disposition ?? "")
        case .handedOn(_, let inside): inside.subject
        case .quarantined: nil
        }
    }

    fileprivate var recordUrgency: Urgency? {
        switch self {
        case .record(let record): CallRecord.urgency(of: record)
        case .handedOn(_, let inside): inside.recordUrgency
        case .text, .reply, .raw, .quarantined: nil
        }
    }
}

extension MessageSubject {
    fileprivate init(_ record: JSONValue) {
        let patient = RecordPainter.patientName(record)
        let caller = record["caller"]?["name"]?.string.map(SafeText.line)
        who = patient ?? caller.map { "caller \($0)" } ?? "patient not recorded"
        let names = ["family", "given"].compactMap { record["patient"]?[$0]?.string.map(SafeText.line) }
        listed = patient == nil ? who : names.joined(separator: ", ")
        callback = RecordPainter.callback(record)
    }

    fileprivate init?(words: String) {
        guard let line = words.split(whereSeparator: \.isNewline).first(where: { !$0.allSatisfy(\.isWhitespace) })
        else { return nil }
        who = SafeText.line(String(line))
        listed = who
        callback = nil
    }
}
