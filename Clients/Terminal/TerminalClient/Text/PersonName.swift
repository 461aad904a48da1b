/// Names of people where there is little room.
enum PersonName {
    /// What a roster puts between the name that somebody had and the one that they have now.
    private static let nowCalled = " (now called "

    /// So many letters of a given name stand for it at most; then it stands there whole.
    private static let longestInitials = 8

    /// Everything that may stand for a name, the best first; the name itself is the first. The given names become initials before
    /// anything of the last one is cut, for half of a practice is called "Dr." and shares first names.
    ///
    /// Of "Dr. X (now called Dr. Y)" both names are shortened; where not even they have room, the name at its time stands alone.
    static func forms(of text: String) -> [String] {
        guard let (then, now) = bothNames(in: text) else { return [text] + shorter(text) }
        let short = zip(initialed(then), initialed(now)).map { "\($0)\(nowCalled)\($1))" }
        return [text] + short + [then] + shorter(then)
    }

    private static func bothNames(in text: String) -> (then: String, now: String)? {
        guard text.hasSuffix(")"), let middle = text.firstRange(of: nowCalled) else { return nil }
        return (String(text[..<middle.lowerBound]), String(text[middle.upperBound...].dropLast()))
    }

    /// Shorter than the name: with initials, then only the end of that, then only the beginning of the last name.
    private static func shorter(_ name: String) -> [String] {
        let words = name.split(separator: " ")
        guard let last = words.last.map(String.init) else { return [] }
        let initials = words.indices.dropLast().flatMap { dropped in
            (1...longestInitials).map { Self.initialed(words[dropped...], letters: $0) }
        }
        let beginnings = (0..<TextWidth.of(last)).reversed().map { TextWidth.fitting(last, $0) }
        return (words.count > 1 ? initials + [last] : []) + beginnings.filter { $0.count > 1 }
    }

    /// The whole name with ever more letters of each given name, then its last word alone.
    private static func initialed(_ name: String) -> [String] {
        let words = name.split(separator: " ")
        return (1...longestInitials).map { initialed(words[...], letters: $0) } + [words.last.map(String.init) ?? name]
    }

    private static func initialed(_ words: ArraySlice<Substring>, letters: Int) -> String {
        let short = words.dropLast().map { word in
            word.hasSuffix(".") || word.count <= letters ? String(word) : "\(word.prefix(letters))."
        }
        return (short + words.suffix(1).map(String.init)).joined(separator: " ")
    }
}

/// Short forms of names that stand in one table: nothing stands for two of them.
///
/// A name itself is always its own, whomever else it could stand for.
struct ShortNames: Sendable {
    private let forms: [String: [String]]

    init(_ names: some Sequence<String>) {
        let all = Dictionary(names.map { ($0, PersonName.forms(of: $0)) }, uniquingKeysWith: { first, _ in first })
        var owners: [String: Int] = [:]
        for forms in all.values { for form in Set(forms) { owners[form, default: 0] += 1 } }
        self.forms = Dictionary(
            uniqueKeysWithValues: all.map { name, forms in (name, forms.filter { $0 == name || owners[$0] == 1 }) })
    }

    /// The narrowest column in which all of these names stay apart.
    func least(of names: some Sequence<String>) -> Int {
        names.map { name in (forms[name] ?? [name]).map { TextWidth.of($0) }.min() ?? 0 }.max() ?? 0
    }

    /// What stands for a name within so many columns.
    func fitting(_ name: String, _ columns: Int) -> String {
        (forms[name] ?? []).first { TextWidth.of($0) <= columns } ?? TextWidth.fitting(name, columns)
    }
}
