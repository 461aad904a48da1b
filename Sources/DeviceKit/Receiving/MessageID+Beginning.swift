public import Statements

extension MessageID {
    private static let mark = "msg-"

    /// The beginning of an id as a person types it: what every id begins with may be left out.
    public static func beginning(_ typed: String) -> String {
        typed.hasPrefix(mark) || mark.hasPrefix(typed) ? typed : mark + typed
    }
}
