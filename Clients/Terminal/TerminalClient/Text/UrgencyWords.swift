import Statements

extension Urgency {
    /// `same day`: as people say it.
    var words: String { rawValue.replacing("_", with: " ") }
}
