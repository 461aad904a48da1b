import TerminalScreen

/// What a person types into a field: characters at its end, and away again. Nothing that is not to be seen gets in.
struct TypedText: Sendable, Equatable {
    /// 2,000 characters.
    static let longest = 2_000

    private(set) var text = ""
    /// Counted as it grows: whoever pastes a book must not make the screen count it again for each of its letters.
    private var count = 0

    var isEmpty: Bool { text.allSatisfy(\.isWhitespace) }
    /// Whether nothing more gets in.
    var isFull: Bool { count >= Self.longest }
    /// Without blanks at its ends.
    var words: String {
        var words = text[...]
        while words.first?.isWhitespace == true { words.removeFirst() }
        while words.last?.isWhitespace == true { words.removeLast() }
        return String(words)
    }

    /// Takes a key that is neither Enter nor Esc.
    mutating func press(_ key: Key) {
        switch key {
        case .backspace, .delete:
            if !text.isEmpty { text.removeLast() }
            count = text.unicodeScalars.count
        case .character("\u{15}"): self = TypedText()
        case .character(let scalar): add(scalar)
        // A line break that was pasted.
        case .enter, .tab: add(" ")
        default: break
        }
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        guard !isFull, SafeText.line(String(scalar)) == String(scalar) else { return }
        text.unicodeScalars.append(scalar)
        count += 1
    }
}
