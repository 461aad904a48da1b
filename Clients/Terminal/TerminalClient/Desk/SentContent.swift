import DeviceKit
import Statements

/// What a message that was sent from here was about, for whoever must telephone about it: its sender wrote it, so it is not
/// masked as what others sent is.
enum SentContent {
    private static let briefColumns = 48

    /// The patient's name, or the first words, cut to fit into a list.
    static func brief(_ content: MessageContent?) -> String? {
        let words: String
        switch content {
        case .record(let record): words = RecordPainter.patientName(record.document) ?? "patient's name not recorded"
        case .text(let text): words = text
        case .reply(let reply): words = reply.text ?? reply.disposition ?? "the time of a call"
        case .handOff(let handOff): return brief(handOff.innermost)
        case nil: return nil
        }
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return TextWidth.fitting(SafeText.line(line), briefColumns)
    }

    static func brief(of state: SentState, _ session: DeviceSession) -> String? { brief(content(of: state, session)) }

    /// All of it, as `read` lays it out for the one who got it.
    static func page(of state: SentState, _ session: DeviceSession, columns: Int?) -> String {
        guard let content = content(of: state, session) else { return "what you sent is not kept here" }
        return "what you sent:\n"
            + ContentText.human(
                content, raw: content.plaintext, at: state.at, session.view, columns: columns, isOwn: true)
    }

    static func document(of state: SentState, _ session: DeviceSession) -> JSONValue {
        guard let content = content(of: state, session) else { return .null }
        return ContentText.document(content, raw: content.plaintext, session.view)
    }

    private static func content(of state: SentState, _ session: DeviceSession) -> MessageContent? {
        (try? session.words(of: state.message)).flatMap { $0 }
    }
}
