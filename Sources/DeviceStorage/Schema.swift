import GRDB

/// The tables.
enum Schema {
    /// Kept in `PRAGMA user_version`.
    static let version = 8
    /// The first that is carried over; those before were never released, and nobody has one.
    private static let oldest = 6

    static func migrate(_ step: StoreStep) throws {
        let found = try Int.fetchOne(step.database, sql: "PRAGMA user_version") ?? 0
        guard found <= version else { throw DeviceStorageError(.newerVersion, place: "store") }
        guard found == 0 || found >= oldest else { throw DeviceStorageError(.olderVersion, place: "store") }
        if found == 0 { try step.execute(tables) }
        if found < 7 { try step.execute(subscriptions) }
        if found < 8 { try step.execute(auditing) }
        if found != version { try step.execute("PRAGMA user_version = \(version)") }
    }

    private static let tables = """
        CREATE TABLE setting (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE prekey (
            id TEXT PRIMARY KEY, purpose TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
            state TEXT NOT NULL, private BLOB, published BLOB) WITHOUT ROWID;
        CREATE INDEX prekey_state ON prekey (state, purpose);
        -- Every message has a row in both. A list is read from the first alone: the rows of the second are large.
        CREATE TABLE listed (
            id TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, received INTEGER NOT NULL, state TEXT NOT NULL,
            urgency INTEGER NOT NULL, summary BLOB NOT NULL, furthest INTEGER NOT NULL,
            PRIMARY KEY (received, id)) WITHOUT ROWID;
        CREATE TABLE message (
            id TEXT PRIMARY KEY, envelope BLOB NOT NULL, content BLOB, details BLOB NOT NULL, key BLOB) WITHOUT ROWID;
        CREATE TABLE receipt (
            number INTEGER PRIMARY KEY, message TEXT NOT NULL, action TEXT NOT NULL, hash BLOB NOT NULL,
            steps BLOB NOT NULL, note BLOB NOT NULL, position INTEGER, proof BLOB);
        CREATE INDEX receipt_message ON receipt (message);
        CREATE INDEX receipt_waiting ON receipt (number) WHERE proof IS NULL;
        CREATE TABLE step (number INTEGER PRIMARY KEY, line BLOB NOT NULL, hash BLOB NOT NULL, position INTEGER NOT NULL);
        CREATE INDEX step_position ON step (position);
        CREATE TABLE roster_entry (number INTEGER PRIMARY KEY, entry BLOB NOT NULL);
        CREATE TABLE head (number INTEGER PRIMARY KEY AUTOINCREMENT, received INTEGER NOT NULL, note BLOB NOT NULL);
        CREATE TABLE sent (
            id TEXT PRIMARY KEY, created INTEGER NOT NULL, state TEXT NOT NULL, draft BLOB NOT NULL,
            envelope BLOB, position INTEGER, proof BLOB, secret BLOB, files BLOB) WITHOUT ROWID;
        CREATE INDEX sent_order ON sent (created);
        CREATE INDEX sent_state ON sent (state, created);
        CREATE TABLE notice (
            number INTEGER PRIMARY KEY, message TEXT NOT NULL, position INTEGER NOT NULL, entry BLOB NOT NULL);
        CREATE INDEX notice_message ON notice (message);
        CREATE TABLE answer (
            position INTEGER PRIMARY KEY, message TEXT NOT NULL, action TEXT NOT NULL, entry BLOB NOT NULL);
        CREATE INDEX answer_message ON answer (message);
        CREATE TABLE link (
            message TEXT PRIMARY KEY, parent TEXT NOT NULL, root TEXT NOT NULL, forward INTEGER NOT NULL,
            promised BLOB) WITHOUT ROWID;
        CREATE INDEX link_root ON link (root);
        CREATE TABLE finding (
            number INTEGER PRIMARY KEY AUTOINCREMENT, found INTEGER NOT NULL, code TEXT NOT NULL, details BLOB NOT NULL);
        """

    /// Since version 7.
    private static let subscriptions = """
        CREATE TABLE subscription (
            id TEXT PRIMARY KEY, created INTEGER NOT NULL, private BLOB NOT NULL,
            authentication BLOB NOT NULL) WITHOUT ROWID;
        """

    /// Since version 8: an auditor's looks, and what the capsules that it opened name.
    private static let auditing = """
        CREATE TABLE access (number INTEGER PRIMARY KEY, note BLOB NOT NULL, position INTEGER, proof BLOB);
        CREATE INDEX access_waiting ON access (number) WHERE proof IS NULL;
        CREATE TABLE capsule (
            message TEXT PRIMARY KEY, position INTEGER NOT NULL, manifest BLOB NOT NULL, state TEXT NOT NULL,
            patient BLOB, content BLOB) WITHOUT ROWID;
        CREATE INDEX capsule_patient ON capsule (patient);
        CREATE INDEX capsule_state ON capsule (state);
        """
}
