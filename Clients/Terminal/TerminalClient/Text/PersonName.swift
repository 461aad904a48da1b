/// Names of people where there is little room.
enum PersonName {
    /// A name within so many columns: the given names become initials before anything of the last one is cut, for half of a
    /// practice is called "Dr." and shares first names.
    static func fitting(_ name: String, _ columns: Int) -> String {
        guard TextWidth.of(name) > columns else { return name }
        let words = name.split(separator: " ")
        guard let last = words.last, words.count > 1 else { return TextWidth.fitting(name, columns) }
        let short = words.dropLast().map { $0.hasSuffix(".") ? String($0) : "\($0.prefix(1))." } + [String(last)]
        for dropped in 0..<short.count {
            let text = short.dropFirst(dropped).joined(separator: " ")
            if TextWidth.of(text) <= columns { return text }
        }
        return TextWidth.fitting(String(last), columns)
    }
}
