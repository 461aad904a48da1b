public import Statements

/// One section of a report as rows: the page and the CSV are written from the same, so that they cannot differ.
public struct ReportTable: Sendable {
    /// A value, before it is written for people or for a program.
    public enum Cell: Sendable {
        /// Words, some of which others wrote.
        case text(String)
        /// The same, and behind them what the page alone says.
        case noted(String, note: String)
        /// A word of ours from a closed list, and how people say it.
        case word(String, shown: String)
        /// A message's id, of which the page shows a beginning.
        case message(MessageID)
        /// Another id, or a hash.
        case id(String)
        case count(Int)
        case time(Timestamp)
        /// Milliseconds.
        case span(Int64)
        /// How many of how many.
        case share(Int, of: Int)
        case none
    }

    public struct Column: Sendable {
        /// The CSV's, `snake_case`; stable.
        public let key: String
        /// The page's, with a soft hyphen where a long word may be divided; `nil` leaves the column to the CSV.
        let heading: String?

        init(_ key: String, _ heading: String?) {
            self.key = key
            self.heading = heading
        }
    }

    /// Of its file and of its place on the page.
    public let name: String
    /// What it shows, as a sentence.
    let caption: String
    public let columns: [Column]
    public internal(set) var rows: [[Cell]]
    /// How many rows it has no room for.
    var more = 0
    /// Whether the last row is the sum of the others: the CSV leaves it out.
    var hasTotal = false

    init(_ name: String, _ caption: String, _ columns: [Column], _ rows: [[Cell]]) {
        self.name = name
        self.caption = caption
        self.columns = columns
        self.rows = rows
    }
}

extension ReportTable.Cell {
    static func word(_ word: String) -> Self { .word(word, shown: word.spaced) }
    static func text(orNone text: String?) -> Self { text.map(Self.text) ?? .none }
    static func time(orNone time: Timestamp?) -> Self { time.map(Self.time) ?? .none }
    static func span(orNone milliseconds: Int64?) -> Self { milliseconds.map(Self.span) ?? .none }
}
