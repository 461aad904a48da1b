public import Statements

extension Identifier {
    /// How many characters behind the prefix a beginning has at least, where a slip of the finger would be kept for ever.
    public static var leastTyped: Int { 4 }

    /// The beginning of an id as a person types it: what every id of its kind begins with may be left out.
    public static func beginning(_ typed: String) -> String {
        let mark = "\(Kind.prefix)"
        return typed.hasPrefix(mark) || mark.hasPrefix(typed) ? typed : mark + typed
    }

    /// Whether what a person typed has ``leastTyped`` characters behind the prefix.
    public static func isLongEnough(_ typed: String) -> Bool {
        beginning(typed).utf8.count >= "\(Kind.prefix)".utf8.count + leastTyped
    }
}
