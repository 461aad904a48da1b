/// The tables.
enum Schema {
    /// Kept in `PRAGMA user_version`.
    static let version = 2
    static let tables = ["value", "entries", "statement", "message", "access", "waiting", "queue"]

    static let text = """
        CREATE TABLE value (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE entries (chunk INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        -- Keyed by both: what claims to be two statements of one prefix is not lost.
        CREATE TABLE statement (prefix INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (prefix, entry)) WITHOUT ROWID;
        CREATE TABLE message (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL);
        CREATE TABLE access (number INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
        CREATE TABLE waiting (
            device BLOB NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (device, message)) WITHOUT ROWID;
        CREATE TABLE queue (
            device BLOB NOT NULL, first INTEGER NOT NULL, sealed BLOB NOT NULL,
            PRIMARY KEY (device, first)) WITHOUT ROWID;
        """
}
