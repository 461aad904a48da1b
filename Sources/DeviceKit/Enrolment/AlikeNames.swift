import Statements

/// Names that nobody tells apart: "Dr. Noor", "dr. noor" and "Dr.  Noor". Whoever sends at night would take one for the other.
enum AlikeNames {
    /// Without what nobody hears or looks at: case, and how many blanks of which kind.
    static func folded(_ name: String) -> String {
        // Upper case first: "ß" and "SS" are one.
        name.uppercased().lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// - Throws: ``DeviceKitError`` of category `usage` when a name is one of others but for case or blanks.
    static func check(_ name: TextValue, among others: [TextValue]) throws(DeviceKitError) {
        let wanted = folded(name.description)
        guard let known = others.first(where: { $0 != name && folded($0.description) == wanted }) else { return }
        throw DeviceKitError(
            "name_too_alike", .usage,
            "there is a member \"\(known)\" already, whose name differs only in case or blanks",
            next: "for the same person write the name exactly so: \"\(known)\"; for another person choose a name that "
                + "can be told apart")
    }
}
