import Foundation
import GRDB
import Secrets

/// The open transaction, and the key for what stands in it.
public struct StoreAccess {
    let database: Database
    let key: DeviceStore

    init(database: Database, key: DeviceStore) {
        self.database = database
        self.key = key
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
    let table: StaticString
    let column: StaticString
    let row: String

    var binding: [UInt8] { Array("nightbell.store/v1\n\(table)\n\(column)\n\(row)".utf8) }
}

extension StoreReading {
    var database: Database { access.database }

    /// Opens a value read from its place; `nil` stays `nil`.
    func open(_ sealed: Data?, at place: SealedPlace) throws(DeviceStorageError) -> [UInt8]? {
        guard let sealed else { return nil }
        do {
            return try XChaCha20Poly1305.open([UInt8](sealed), key: access.key.key, binding: place.binding)
        } catch {
            throw DeviceStorageError(.doesNotOpen, place: place.table.description)
        }
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
        do {
            return try XChaCha20Poly1305.openSecret([UInt8](sealed), key: access.key.key, binding: place.binding)
        } catch {
            throw DeviceStorageError(.doesNotOpen, place: place.table.description)
        }
    }
}

extension StoreStep {
    /// Seals a value, if there is one, for its place.
    func seal(_ value: [UInt8]?, at place: SealedPlace) -> Data? {
        value.map { Data(XChaCha20Poly1305.seal($0, key: access.key.key, binding: place.binding)) }
    }

    /// Seals a secret for its place.
    func sealSecret(_ secret: borrowing SecretBytes, at place: SealedPlace) -> Data {
        Data(XChaCha20Poly1305.seal(secret, key: access.key.key, binding: place.binding))
    }

    func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try database.execute(sql: sql, arguments: arguments)
    }
}
