import Membership
public import Statements

/// What somebody may be called. Names that are in a roster already stay what they are: this is asked when one is given.
public enum MemberName {
    /// - Throws: ``DeviceKitError`` of category `usage` for a name that looks like another one than it is, or like an id.
    public static func check(_ name: TextValue) throws(DeviceKitError) {
        let text = name.description
        if let unseen = text.unicodeScalars.first(where: UnseenLetters.contain) {
            let number = String(unseen.value, radix: 16, uppercase: true)
            throw DeviceKitError(
                "bad_name", .usage,
                "the name has a mark that nobody sees (U+\(String(repeating: "0", count: max(0, 4 - number.count)))\(number)): it "
                    + "would look like another name",
                next: "type the name by hand instead of pasting it")
        }
        guard MemberID(text.lowercased()) == nil else {
            throw DeviceKitError(
                "bad_name", .usage, "\"\(text)\" has the form of a member's id, and is no name",
                next: "give the name by which others know them; \"nightbell admin members\" lists those that are there")
        }
    }

    /// Whether somebody may be called so from now on, of whom everybody else in the roster is told apart.
    /// - Parameter others: The names of all other members.
    /// - Throws: ``DeviceKitError`` of category `refused` for a name that another bears, or that nobody tells apart from theirs;
    ///   else as ``check(_:)``.
    static func check(_ name: TextValue, besides others: [TextValue]) throws(DeviceKitError) {
        try check(name)
        guard let other = others.first(where: { areAlike($0.description, name.description) }) else { return }
        throw DeviceKitError(
            "name_taken", .refused,
            "there is another member \"\(other)\""
                + (other == name ? "" : ", whose name looks the same or differs only in case or blanks"),
            next: "choose a name that can be told apart from that one")
    }

    /// Whether nobody tells two names apart.
    public static func areAlike(_ one: String, _ other: String) -> Bool {
        AlikeNames.folded(one) == AlikeNames.folded(other)
    }
}
