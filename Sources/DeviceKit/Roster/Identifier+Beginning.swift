public import Statements

extension Identifier {
    /// The beginning of an id as a person types it: what every id of its kind begins with may be left out.
    public static func beginning(_ typed: String) -> String {
        let mark = "\(Kind.prefix)"
        return typed.hasPrefix(mark) || mark.hasPrefix(typed) ? typed : mark + typed
    }
}
