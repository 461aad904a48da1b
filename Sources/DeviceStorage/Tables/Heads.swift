import Foundation
import GRDB

extension StoreReading {
    /// The newest signed heads, newest first.
    public func heads(limit: Int) throws -> [[UInt8]] {
        try Data.fetchAll(database, sql: "SELECT note FROM head ORDER BY number DESC LIMIT ?", arguments: [limit])
            .map { [UInt8]($0) }
    }
}

extension StoreStep {
    /// 5,000: three and a half days at one a minute.
    public static var keptHeads: Int64 { 5_000 }

    /// Keeps a signed head; the oldest beyond ``keptHeads`` go.
    public func keepHead(_ note: [UInt8], received: Int64) throws {
        try execute("INSERT INTO head (received, note) VALUES (?, ?)", [received, Data(note)])
        try execute("DELETE FROM head WHERE number <= (SELECT MAX(number) FROM head) - ?", [Self.keptHeads])
    }
}
