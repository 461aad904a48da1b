extension StringProtocol {
    /// The same as it begins a sentence.
    var atSentenceStart: String { prefix(1).uppercased() + dropFirst() }
}
