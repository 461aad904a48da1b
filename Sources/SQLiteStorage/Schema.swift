import GRDB

/// Tables and their migrations. A released migration is never edited; a new one is added.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 logs, messages, queues, prekeys") { db in
            try db.execute(sql: first)
        }
        migrator.registerMigration("2 attachments") { db in
            try db.execute(sql: second)
        }
        migrator.registerMigration("3 ring tokens") { db in try db.execute(sql: third) }
        migrator.registerMigration("4 what a message answers or carries on") { db in
            try db.execute(sql: references)
        }
        migrator.registerMigration("5 subscriptions and pages") { db in try db.execute(sql: pages) }
        return migrator
    }

    // The bytes lie in files named by `number`, which is never used again. Until a message has taken one (`message` and
    // `position`), it is its device's alone.
    private static let second = """
        CREATE TABLE blobs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, org INTEGER NOT NULL, device BLOB NOT NULL, hash BLOB NOT NULL,
            size INTEGER NOT NULL, received INTEGER NOT NULL, complete INTEGER NOT NULL, touched INTEGER NOT NULL,
            message BLOB, position INTEGER) STRICT;
        CREATE UNIQUE INDEX blobs_loose ON blobs (org, device, hash) WHERE message IS NULL;
        CREATE INDEX blobs_touched ON blobs (touched) WHERE message IS NULL;
        CREATE UNIQUE INDEX blobs_message ON blobs (org, message, position) WHERE message IS NOT NULL;
        """

    private static let third = """
        CREATE TABLE ring_tokens (
            org INTEGER NOT NULL, device BLOB NOT NULL, hash BLOB NOT NULL, expires INTEGER NOT NULL,
            PRIMARY KEY (org, device)) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX ring_tokens_hash ON ring_tokens (org, hash);
        """

    // 0: it answers that one; 1: it carries that one on.
    private static let references = """
        ALTER TABLE messages ADD COLUMN reference BLOB;
        ALTER TABLE messages ADD COLUMN reference_kind INTEGER;
        CREATE INDEX messages_forwards ON messages (org, reference) WHERE reference_kind = 1;
        """

    // Urgency: its place among the words. A job without its subscription, or the other way about, is nothing: they go together.
    private static let pages = """
        CREATE TABLE push_subscriptions (
            org INTEGER NOT NULL, device BLOB NOT NULL, id BLOB NOT NULL, transport TEXT NOT NULL, address BLOB NOT NULL,
            registered INTEGER NOT NULL, challenge BLOB, challenge_expires INTEGER, proven INTEGER, accepted INTEGER,
            failing INTEGER, dropped INTEGER, PRIMARY KEY (org, device, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE push_jobs (
            org INTEGER NOT NULL, message BLOB NOT NULL, device BLOB NOT NULL, subscription BLOB NOT NULL,
            urgency INTEGER NOT NULL, expires INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
            last INTEGER, failures INTEGER NOT NULL,
            PRIMARY KEY (org, message, device, subscription)) STRICT, WITHOUT ROWID;
        CREATE INDEX push_jobs_due ON push_jobs (due);
        CREATE INDEX push_jobs_device ON push_jobs (org, device, subscription);
        """

    // Keys: `org` is a small integer; `log` is org * 2 + (0 roster, 1 activity); an entry's id is log << 40 | index and a
    // message's parts have id org << 40 | index of the manifest, so that both tables only ever grow at their end.
    private static let first = """
        CREATE TABLE organisations (org INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
        CREATE TABLE heads (
            log INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL,
            signature BLOB NOT NULL, edge BLOB NOT NULL) STRICT;
        CREATE TABLE signed_trees (
            log INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (log, size)) STRICT, WITHOUT ROWID;
        CREATE TABLE entries (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, leaf BLOB NOT NULL) STRICT;
        CREATE TABLE statements (
            log INTEGER NOT NULL, hash BLOB NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (log, hash)) STRICT, WITHOUT ROWID;
        CREATE TABLE tiles (
            log INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL,
            PRIMARY KEY (log, level, idx)) STRICT;
        CREATE TABLE messages (
            org INTEGER NOT NULL, message BLOB NOT NULL, idx INTEGER NOT NULL, manifest BLOB NOT NULL, sender BLOB NOT NULL,
            sender_member BLOB NOT NULL, member BLOB NOT NULL, expires INTEGER NOT NULL,
            recipients BLOB NOT NULL, answered INTEGER NOT NULL,
            PRIMARY KEY (org, message)) STRICT, WITHOUT ROWID;
        CREATE INDEX messages_waiting ON messages (org, expires) WHERE answered = 0;
        CREATE TABLE message_entries (
            org INTEGER NOT NULL, message BLOB NOT NULL, idx INTEGER NOT NULL,
            PRIMARY KEY (org, message, idx)) STRICT, WITHOUT ROWID;
        CREATE TABLE parts (
            id INTEGER PRIMARY KEY, alert BLOB NOT NULL, capsule BLOB, capsule_key BLOB, recovery_key BLOB,
            content BLOB NOT NULL) STRICT;
        CREATE TABLE sealed_keys (
            part INTEGER NOT NULL, device BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (part, device)) STRICT;
        CREATE TABLE queues (
            org INTEGER NOT NULL, device BLOB NOT NULL, last INTEGER NOT NULL, hash BLOB NOT NULL,
            waiting INTEGER NOT NULL, envelopes INTEGER NOT NULL, bytes INTEGER NOT NULL,
            PRIMARY KEY (org, device)) STRICT, WITHOUT ROWID;
        CREATE TABLE queue_items (
            org INTEGER NOT NULL, device BLOB NOT NULL, number INTEGER NOT NULL, kind INTEGER NOT NULL,
            idx INTEGER NOT NULL, message BLOB NOT NULL, bytes INTEGER NOT NULL, served INTEGER NOT NULL,
            PRIMARY KEY (org, device, number)) STRICT, WITHOUT ROWID;
        CREATE INDEX queue_items_message ON queue_items (org, device, message) WHERE kind = 0;
        CREATE TABLE prekeys (
            number INTEGER PRIMARY KEY, org INTEGER NOT NULL, device BLOB NOT NULL, id BLOB NOT NULL,
            purpose INTEGER NOT NULL, not_after INTEGER NOT NULL, text BLOB NOT NULL, signature BLOB NOT NULL) STRICT;
        CREATE INDEX prekeys_device ON prekeys (org, device, purpose, number, not_after);
        CREATE TABLE prekey_ids (
            org INTEGER NOT NULL, device BLOB NOT NULL, id BLOB NOT NULL, not_after INTEGER NOT NULL,
            PRIMARY KEY (org, device, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE claims (
            org INTEGER NOT NULL, message BLOB NOT NULL, device BLOB NOT NULL, claimant BLOB NOT NULL, id BLOB,
            purpose INTEGER, not_after INTEGER, text BLOB, signature BLOB, without TEXT, at INTEGER NOT NULL,
            used INTEGER NOT NULL, PRIMARY KEY (org, message, device)) STRICT;
        CREATE INDEX claims_open ON claims (org, claimant, at) WHERE used = 0;
        CREATE TABLE chains (
            org INTEGER NOT NULL, device BLOB NOT NULL, number INTEGER NOT NULL, last BLOB,
            PRIMARY KEY (org, device)) STRICT, WITHOUT ROWID;
        CREATE TABLE audit_key_offers (
            org INTEGER NOT NULL, device BLOB NOT NULL, note BLOB NOT NULL, PRIMARY KEY (org, device)) STRICT;
        """
}
