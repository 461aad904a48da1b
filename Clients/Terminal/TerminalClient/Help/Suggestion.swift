/// What somebody may have meant who mistyped a word.
enum Suggestion {
    /// The nearest of `words`, when it is near enough to be meant: a letter wrong in a short word, a third of a longer one.
    static func nearest(to typed: String, among words: some Sequence<String>) -> String? {
        let near = words.map { ($0, distance(typed.lowercased(), $0)) }
            .filter { word, distance in
                distance <= max(1, min(typed.count, word.count) / 3) || isBeginning(typed, of: word)
            }
        return near.min { $0.1 < $1.1 }?.0
    }

    private static func isBeginning(_ typed: String, of word: String) -> Bool {
        typed.count >= 3 && word.hasPrefix(typed.lowercased())
    }

    /// How many letters must be put in, taken out, changed or swapped with their neighbour.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var rows = [Array(0...right.count)]
        for row in 0..<left.count {
            var next = [row + 1]
            for column in 0..<right.count {
                var least = min(rows[row][column + 1] + 1, next[column] + 1)
                least = min(least, rows[row][column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, rows[row - 1][column - 1] + 1)
                }
                next.append(least)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
