import Statements

/// Names that nobody tells apart: "Dr. Noor", "dr. noor" and "Dr.  Noor". Whoever sends at night would take one for the other.
enum AlikeNames {
    /// Without what nobody hears or looks at: case, how many blanks of which kind, the width of letters, and marks unseen.
    static func folded(_ name: String) -> String {
        var seen = String.UnicodeScalarView()
        // The Braille blank takes the room of one.
        for scalar in TextNormalisation.plain(name).unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint
        {
            seen.append(scalar == "\u{2800}" ? " " : scalar)
        }
        // Upper case first: "ß" and "SS" are one.
        return String(seen).uppercased().lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// - Throws: ``DeviceKitError`` of category `usage` when a name is one of others but for what ``folded(_:)`` leaves out.
    static func check(_ name: TextValue, among others: [TextValue]) throws(DeviceKitError) {
        let wanted = folded(name.description)
        guard let known = others.first(where: { $0 != name && folded($0.description) == wanted }) else { return }
        throw DeviceKitError(
            "name_too_alike", .usage,
            "there is a member \"\(known)\" already, whose name looks the same or differs only in case or blanks",
            next: "for the same person write the name exactly so: \"\(known)\"; for another person choose a name that "
                + "can be told apart")
    }
}
