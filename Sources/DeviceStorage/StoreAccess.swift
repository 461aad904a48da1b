import Foundation
import GRDB
import Secrets
import StoreKeying

/// The open transaction, and the keys for what stands in it.
public struct StoreAccess {
    let database: Database
    let keys: KeyRing
    let listChanges: ListChanges

    init(database: Database, keys: KeyRing, listChanges: ListChanges) {
        self.database = database
        self.keys = keys
        self.listChanges = listChanges
    }
}

/// What can be read of a store, in a step or outside one.
public protocol StoreReading {
    /// The open transaction.
    var access: StoreAccess { get }
}

/// A consistent look.
public struct StoreSnapshot: StoreReading {
    public let access: StoreAccess
}

/// A durable step while it is being made.
public struct StoreStep: StoreReading {
    public let access: StoreAccess
}

/// Where a sealed value stands. Its text is the associated data of the seal.
struct SealedPlace {
    /// Whose key it is sealed under.
    enum KeyScope {
        /// One key for the column: what lists need, and what is no worse known together than apart.
        case column
        /// A key of its own: content, envelopes, drafts, message keys, private halves, secrets.
        case row
    }

    let table: StaticString
    let column: StaticString
    let row: String
    var scope = KeyScope.column

    /// Lists make thousands of them: put together byte by byte.
    var binding: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(80)
        bytes.append(contentsOf: "nightbell.store/v2\n".utf8)
        for part in [table, column] {
            part.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes.append(contentsOf: row.utf8)
        return bytes
    }

    var label: StoreKeyLabel {
        switch scope {
        case .column: StoreKeyLabel(table: table, column: column)
        case .row: StoreKeyLabel(table: table, column: column, row: row)
        }
    }
}

extension StoreReading {
    var database: Database { access.database }

    /// Fetches the keys of rows that are about to be opened or sealed, all in one exchange with the agent.
    ///
    /// At most ``StoreKeysLimits/labelsAtOnce`` are kept, until the next call or the end of this look or step.
    func prepareKeys(of places: [SealedPlace]) throws(DeviceStorageError) { try access.keys.prepare(places) }

    /// Reads rows whose values have keys of their own: their keys come for many rows at once.
    func read<Value>(
        _ rows: [Row], keys: (Row) -> [SealedPlace], _ body: (Row) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rows.count)
        var places: [SealedPlace] = []
        var first = 0
        for (index, row) in rows.enumerated() {
            places += keys(row)
            let perRow = max(1, places.count / (index - first + 1))
            guard index + 1 == rows.count || places.count + perRow > StoreKeysLimits.labelsAtOnce else { continue }
            try prepareKeys(of: places)
            for row in rows[first...index] { values.append(try body(row)) }
            places = []
            first = index + 1
        }
        return values
    }

    /// Opens a value read from its place; `nil` stays `nil`.
    func open(_ sealed: Data?, at place: SealedPlace) throws(DeviceStorageError) -> [UInt8]? {
        guard let sealed else { return nil }
        let opened = try access.keys.withKey(of: place) { key in
            try? XChaCha20Poly1305.open([UInt8](sealed), key: key, binding: place.binding)
        }
        guard let opened else { throw access.keys.failure(in: place.table) }
        return opened
    }

    /// Opens a value that must be there.
    func opened(_ sealed: Data?, at place: SealedPlace) throws(DeviceStorageError) -> [UInt8] {
        guard let value = try open(sealed, at: place) else {
            throw DeviceStorageError(.doesNotOpen, place: place.table.description)
        }
        return value
    }

    /// Opens a secret into guarded memory.
    func openSecret(_ sealed: Data, at place: SealedPlace) throws(DeviceStorageError) -> SecretBytes {
        var secret: SecretBytes?
        try access.keys.withKey(of: place) { key in
            secret = try? XChaCha20Poly1305.openSecret([UInt8](sealed), key: key, binding: place.binding)
        }
        guard let secret else { throw access.keys.failure(in: place.table) }
        return secret
    }
}

extension StoreStep {
    /// Seals a value, if there is one, for its place.
    func seal(_ value: [UInt8]?, at place: SealedPlace) throws(DeviceStorageError) -> Data? {
        guard let value else { return nil }
        return try access.keys.withKey(of: place) { key in
            Data(XChaCha20Poly1305.seal(value, key: key, binding: place.binding))
        }
    }

    /// Seals a secret for its place.
    func sealSecret(_ secret: borrowing SecretBytes, at place: SealedPlace) throws(DeviceStorageError) -> Data {
        try access.keys.withKey(of: place) { key in
            Data(XChaCha20Poly1305.seal(secret, key: key, binding: place.binding))
        }
    }

    func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try database.execute(sql: sql, arguments: arguments)
    }
}
