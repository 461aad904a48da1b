import Foundation
import GRDB
public import Secrets

/// A named sealed value of the profile.
public struct SettingName: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    var place: SealedPlace { SealedPlace(table: "setting", column: "sealed", row: rawValue) }
    /// A secret's key is its own, and never that of the other settings.
    var secretPlace: SealedPlace { SealedPlace(table: "setting", column: "sealed", row: rawValue, scope: .row) }
}

extension StoreReading {
    /// A sealed value, or `nil` when it was never set.
    public func setting(_ name: SettingName) throws -> [UInt8]? {
        try open(try sealedSetting(name), at: name.place)
    }

    /// Lends a secret, in guarded memory, or `nil` when it was never set.
    public func withSecret<Result>(
        _ name: SettingName, _ body: (borrowing SecretBytes) throws -> Result
    ) throws -> Result? {
        guard let sealed = try sealedSetting(name) else { return nil }
        let secret = try openSecret(sealed, at: name.secretPlace)
        return try body(secret)
    }

    private func sealedSetting(_ name: SettingName) throws -> Data? {
        try Data.fetchOne(database, sql: "SELECT sealed FROM setting WHERE name = ?", arguments: [name.rawValue])
    }
}

extension StoreStep {
    /// Sets a value, or removes it.
    public func set(_ name: SettingName, to value: [UInt8]?) throws {
        guard let value else {
            return try execute("DELETE FROM setting WHERE name = ?", [name.rawValue])
        }
        try put(name, seal(value, at: name.place))
    }

    /// Sets a secret.
    public func setSecret(_ name: SettingName, to secret: borrowing SecretBytes) throws {
        try put(name, sealSecret(secret, at: name.secretPlace))
    }

    private func put(_ name: SettingName, _ sealed: Data?) throws {
        try execute("INSERT OR REPLACE INTO setting (name, sealed) VALUES (?, ?)", [name.rawValue, sealed])
    }
}
