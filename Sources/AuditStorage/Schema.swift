/// What the file holds.
enum Schema {
    /// Kept in `PRAGMA user_version`.
    static let version = 4
    /// The page that names the versions of all others.
    static let rootRow: Int64 = 0

    /// As SQLite keeps it, letter by letter: a file whose schema is another was made or changed by somebody else.
    static let table = "CREATE TABLE page (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"
}
