/// What may stand where the cursor is: the shells' scripts ask the program itself, so that global options may stand
/// anywhere and nothing has to be kept in step.
struct CompletionAnswer: Sendable, Equatable {
    /// The word by which the scripts ask; no command, for what follows may be anything.
    static let word = "__complete"

    /// Who gives the words.
    enum Source: String, Sendable { case words, files, directories }

    struct Candidate: Sendable, Equatable {
        let word: String
        /// One line, for shells that show it.
        let help: String
    }

    let source: Source
    let candidates: [Candidate]

    /// One line for the source, then one a candidate, its help behind a tab.
    var text: String {
        ([source.rawValue] + candidates.map { $0.help.isEmpty ? $0.word : "\($0.word)\t\($0.help)" })
            .joined(separator: "\n") + "\n"
    }

    /// - Parameter words: The line behind the program's name, up to the cursor; the last one is being typed, and may be empty.
    /// - Parameter ids: Where messages' ids come from.
    /// - Parameter names: Where members' names come from.
    init(
        to words: [String], tree: CommandTree = .nightbell, ids: @escaping CompletionLine.IDs = { _, _, _ in [] },
        names: @escaping CompletionLine.Names = { _ in [] }
    ) {
        var line = CompletionLine(tree, ids: ids, names: names)
        let words = Self.joined(words)
        for word in words.dropLast() { line.take(word.text) }
        let typed = words.last ?? TypedWord(text: "", offset: 0)
        let plain = Self.plain(typed.text)
        let (source, found) = line.candidates(for: plain)
        self.source = source
        candidates = found.filter { $0.word.hasPrefix(plain) }.map { candidate in
            Candidate(word: String(candidate.word.dropFirst(typed.offset)), help: candidate.help)
        }
    }

    /// A word and how much of it the shell takes for words of their own.
    private struct TypedWord {
        let text: String
        let offset: Int
    }

    /// bash and fish give a word as it was typed: a name with blanks in quotation marks, or with backslashes.
    private static func plain(_ word: String) -> String {
        var plain = ""
        var isEscaped = false
        for character in word {
            if isEscaped || !["\\", "\"", "'"].contains(character) { plain.append(character) }
            isEscaped = !isEscaped && character == "\\"
        }
        return plain
    }

    /// bash cuts `--urgency=urgent` into three words, and replaces the last one alone.
    private static func joined(_ words: [String]) -> [TypedWord] {
        var result: [TypedWord] = []
        var index = 0
        while index < words.count {
            let isCut = words[index].hasPrefix("--") && index + 1 < words.count && words[index + 1] == "="
            if isCut {
                let start = words[index] + "="
                let value = index + 2 < words.count ? words[index + 2] : ""
                result.append(TypedWord(text: start + value, offset: start.count))
            } else {
                result.append(TypedWord(text: words[index], offset: 0))
            }
            index += isCut ? 3 : 1
        }
        return result
    }
}
