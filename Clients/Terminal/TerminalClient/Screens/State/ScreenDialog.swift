import Statements

/// A question over the screen, or a field at its foot. Everything else waits until it is answered or left.
enum ScreenDialog: Sendable, Equatable {
    /// Which reason goes with the answer.
    case reason(ReceiptAction, MessageID)
    /// What is typed so far, and what was wrong with it when it was to be taken.
    case field(ScreenField, TypedText, problem: String?)
    /// Who gets the message.
    case colleague(MessageID, ColleagueChoice)
    /// Whether it is meant: where a mistake costs.
    case confirm(ScreenAction)

    /// The message that it is about; `nil` when it is about none.
    var message: MessageID? {
        switch self {
        case .reason(_, let message), .colleague(let message, _): message
        case .field(let field, _, _): field.message
        case .confirm(.answer(_, _, let message, _)), .confirm(.handOff(let message, _, _)): message
        case .confirm: nil
        }
    }

    /// Whether letters are text and no commands.
    var isTyping: Bool {
        switch self {
        case .field, .colleague: true
        case .reason, .confirm: false
        }
    }

    /// The reasons that can be chosen, by their keys.
    static func reasons(for action: ReceiptAction) -> [(key: Unicode.Scalar, reason: ReceiptReason, words: String)] {
        switch action {
        case .acknowledged:
            [
                ("1", .callingNow, "I call now"), ("2", .willCallBy, "I will call, but not this minute"),
                ("3", .needInfo, "I need more information first"),
            ]
        case .declined: [("1", .notMine, "it is not mine"), ("2", .unavailable, "I am not available")]
        default: []
        }
    }

    static func words(for reason: ReceiptReason) -> String? {
        [ReceiptAction.acknowledged, .declined].lazy.flatMap { reasons(for: $0) }.first { $0.reason == reason }?.words
    }
}
