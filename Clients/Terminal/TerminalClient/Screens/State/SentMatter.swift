import Statements

/// Something that was sent from here, and that its sender must telephone about.
struct SentMatter: Sendable, Equatable {
    let message: MessageID
    /// Why, what it is, to whom it went, and how it is looked at: nothing of what it says.
    let words: String
}
