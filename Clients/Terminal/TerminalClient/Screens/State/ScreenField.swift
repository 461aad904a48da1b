import Statements

/// What can be typed, and about which message.
enum ScreenField: Sendable, Hashable {
    /// Where a message's files go.
    case folder(MessageID)
    case reply(MessageID)
    /// By when the patient is called.
    case promise(MessageID)
    /// What must be known before the patient is called.
    case question(MessageID)
    /// How the matter ended.
    case ending(MessageID)
    /// Words to the one who gets the message.
    case handOff(MessageID, Colleague)

    var message: MessageID {
        switch self {
        case .folder(let message), .reply(let message), .promise(let message), .question(let message),
            .ending(let message), .handOff(let message, _):
            message
        }
    }

    /// The key that leads to it.
    var key: String {
        switch self {
        case .folder: "v"
        case .reply: "r"
        case .promise: "a 2"
        case .question: "a 3"
        case .ending: "c"
        case .handOff: "h"
        }
    }

    /// Whether what is typed goes to somebody: then a line break that was pasted must not send half of it.
    var goesOut: Bool { if case .folder = self { false } else { true } }
}
