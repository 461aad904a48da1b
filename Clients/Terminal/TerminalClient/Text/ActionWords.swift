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

    /// ` (will call by)`: behind an action; nothing without a reason.
    static func reason(_ word: String?) -> String { word.map { " (\($0.replacing("_", with: " ")))" } ?? "" }

    /// The step log's sentence on a receipt.
    static func established(_ sentence: String) -> String {
        sentence.replacing("(\(ReceiptAction.disclosed.rawValue))", with: "(saved a file)")
    }
}
