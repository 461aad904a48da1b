import Foundation
import GRDB

/// What an auditor's device knows of one message's capsule.
public struct CapsuleRow: Sendable {
    public let message: String
    /// The manifest's place in the activity log.
    public let index: UInt64
    /// Hash of the manifest that the capsule was read under.
    public let manifest: [UInt8]
    /// What came of it: opened, none, closed, or why it did not open.
    public let state: String
    /// A keyed hash of the patient's identifier, by which it is found again; `nil` when the capsule names none.
    public let patient: [UInt8]?
    /// The capsule's plaintext, when it was opened.
    public let content: [UInt8]?

    public init(
        message: String, index: UInt64, manifest: [UInt8], state: String, patient: [UInt8]?, content: [UInt8]?
    ) {
        self.message = message
        self.index = index
        self.manifest = manifest
        self.state = state
        self.patient = patient
        self.content = content
    }
}

private func place(_ message: String) -> SealedPlace {
    SealedPlace(table: "capsule", column: "content", row: message)
}

extension StoreReading {
    /// The capsules that name this patient, in the order of the log.
    public func capsules(of patient: [UInt8]) throws -> [CapsuleRow] {
        try rows("patient = ?", [Data(patient)])
    }

    /// The capsules of these states, in the order of the log.
    public func capsules(in states: [String]) throws -> [CapsuleRow] {
        try rows("state IN (SELECT value FROM json_each(?))", [try Self.json(states)])
    }

    /// The capsules of these messages, in the order of the log.
    public func capsules(ofMessages messages: [String]) throws -> [CapsuleRow] {
        try rows("message IN (SELECT value FROM json_each(?))", [try Self.json(messages)])
    }

    /// Which manifest each message's capsule was read under.
    public func capsuleManifests() throws -> [String: [UInt8]] {
        var manifests: [String: [UInt8]] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT message, manifest FROM capsule")
        while let row = try rows.next() { manifests[row["message"]] = [UInt8](row["manifest"] as Data) }
        return manifests
    }

    /// How many capsules are in each state.
    public func countOfCapsules() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT state, COUNT(*) AS number FROM capsule GROUP BY state") {
            counts[row["state"]] = row["number"]
        }
        return counts
    }

    /// The messages whose capsules are in this state and name no patient, in the order of the log.
    public func messagesWithoutPatient(in state: String) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT message FROM capsule WHERE state = ? AND patient IS NULL ORDER BY position",
            arguments: [state])
    }

    private static func json(_ texts: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
    }

    private func rows(_ condition: String, _ arguments: StatementArguments) throws -> [CapsuleRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM capsule WHERE \(condition) ORDER BY position", arguments: arguments
        ).map { row in
            let message = row["message"] as String
            return CapsuleRow(
                message: message, index: UInt64(row["position"] as Int64), manifest: [UInt8](row["manifest"] as Data),
                state: row["state"], patient: (row["patient"] as Data?).map { [UInt8]($0) },
                content: try open(row["content"], at: place(message)))
        }
    }
}

extension StoreStep {
    /// Keeps what came of a capsule, in place of what was known before.
    public func put(_ capsule: CapsuleRow) throws {
        try execute(
            """
            INSERT OR REPLACE INTO capsule (message, position, manifest, state, patient, content)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                capsule.message, Int64(capsule.index), Data(capsule.manifest), capsule.state,
                capsule.patient.map { Data($0) }, seal(capsule.content, at: place(capsule.message)),
            ])
    }

    /// Forgets every capsule: the index is made anew.
    public func removeCapsules() throws { try execute("DELETE FROM capsule") }
}
