import Foundation
import GRDB

/// What a process that follows the store compares: ids and numbers alone, from small rows; nothing is opened.
extension StoreReading {
    /// Changes with every step of another process, and never without one.
    public func version() throws -> Int64 {
        try Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0
    }

    /// The ids of every stored message.
    public func messageIDs() throws -> [String] {
        try String.fetchAll(database, sql: "SELECT id FROM listed ORDER BY received, id")
    }

    /// The ids of the messages that were received at or after a time, in milliseconds since 1970.
    public func messageIDs(receivedSince time: Int64) throws -> [String] {
        try String.fetchAll(database, sql: "SELECT id FROM listed WHERE received >= ?", arguments: [time])
    }

    /// Numbers of the notices above one, each with its message.
    public func noticeNumbers(after number: UInt64) throws -> [(number: UInt64, message: String)] {
        try Row.fetchAll(
            database, sql: "SELECT number, message FROM notice WHERE number > ? ORDER BY number",
            arguments: [Int64(clamping: number)]
        ).map { (UInt64($0["number"] as Int64), $0["message"]) }
    }

    /// Numbers of the logged receipts above one that tell what a person did, each with its message.
    public func provenActs(after number: UInt64) throws -> [(number: UInt64, message: String)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT number, message FROM receipt WHERE number > ? AND position IS NOT NULL
                AND action NOT IN ('delivered', 'undecryptable') ORDER BY number
                """, arguments: [Int64(clamping: number)]
        ).map { (UInt64($0["number"] as Int64), $0["message"]) }
    }

    /// Where in the activity log other devices' receipts stand that are kept here, each with its message.
    public func answerPlaces() throws -> [(place: Int64, message: String)] {
        try Row.fetchAll(database, sql: "SELECT position, message FROM answer ORDER BY message, position")
            .map { ($0["position"], $0["message"]) }
    }

    /// The number of the newest finding; 0 while there is none.
    public func lastFindingNumber() throws -> UInt64 {
        UInt64(try Int64.fetchOne(database, sql: "SELECT COALESCE(MAX(number), 0) FROM finding") ?? 0)
    }
}
