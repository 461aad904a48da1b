import Statements

/// What a device did with a message, for people. JSON keeps the words of the statements.
enum ActionWords {
    /// - Parameter word: A receipt's action or an event's word.
    static func text(_ word: String) -> String {
        word == ReceiptAction.disclosed.rawValue ? "saved a file" : word.replacing("_", with: " ")
    }

    /// How far a message is, in a list of several.
    /// - Parameter word: A message's state.
    static func state(_ word: String) -> String {
        switch word {
        case "pending": "NOT SENT YET, it waits here"
        case "refused": "REFUSED and never sent"
        case "quarantined": "DOES NOT OPEN"
        default: text(word)
        }
    }

    /// What is not known here of what this person did with another device; nothing of other actions.
    static func elsewhere(_ action: ReceiptAction) -> String? {
        switch action {
        case .handedOff: "handed off on another device of yours: look there whether it was taken"
        case .acknowledged: "acknowledged on another device of yours; a promised time is shown only there"
        default: nil
        }
    }

    /// The same of several messages, those first that may be in nobody's hands.
    static func elsewhere(_ actions: [ReceiptAction]) -> [String] {
        [ReceiptAction.handedOff, .acknowledged].compactMap { action in
            let count = actions.count { $0 == action }
            guard count > 0, let words = elsewhere(action) else { return nil }
            return "\(count) message\(count == 1 ? "" : "s") \(words)"
        }
    }

    /// ` (will call by)`: behind an action; nothing without a reason.
    static func reason(_ word: String?) -> String { word.map { " (\($0.replacing("_", with: " ")))" } ?? "" }

    /// The step log's sentence on a receipt.
    static func established(_ sentence: String) -> String {
        sentence.replacing("(\(ReceiptAction.disclosed.rawValue))", with: "(saved a file)")
    }
}
