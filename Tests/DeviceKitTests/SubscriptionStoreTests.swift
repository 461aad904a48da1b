import DeviceStorage
import Foundation
import Secrets
import StoreKeying
import Testing

/// The keys of Web Push as the profile's store keeps them.
@Suite final class SubscriptionStoreTests {
    private let folder: TemporaryFolder
    private let key = SecretBytes(random: 32)

    init() throws { folder = try TemporaryFolder() }

    private func store() throws -> DeviceStore {
        try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: key))
    }

    private func add(_ id: String, _ created: Int64, to store: DeviceStore) throws -> (key: [UInt8], auth: [UInt8]) {
        let made = P256PrivateKey().secret()
        let authentication = SecretBytes(random: 16)
        try store.step { step in
            try step.add(SubscriptionRow(id: id, created: created), key: made, authentication: authentication)
        }
        return (made.exposed(), authentication.exposed())
    }

    private func kept(_ id: String, in store: DeviceStore) throws -> (key: [UInt8], auth: [UInt8])? {
        try store.look { try $0.withSubscriptionKeys(id) { key, auth in (key.exposed(), auth.exposed()) } }
    }

    @Test func keysComeBackAndGo() throws {
        let second = try add("sub-b", 2, to: store())
        let first = try add("sub-c", 1, to: store())
        let store = try store()
        #expect(try store.look { try $0.subscriptions() }.map(\.id) == ["sub-c", "sub-b"])
        for (id, made) in [("sub-b", second), ("sub-c", first)] {
            let kept = try #require(try kept(id, in: store))
            #expect(kept.key == made.key && kept.auth == made.auth)
        }
        #expect(try kept("sub-a", in: store) == nil)
        // Neither lies in the file as it is, nor after it was removed.
        try store.step { try $0.removeSubscription("sub-b") }
        try store.step { try $0.removeSubscription("sub-b") }
        #expect(try kept("sub-b", in: store) == nil)
        let file = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/store.sqlite"))
        for secret in [first.key, first.auth, second.key, second.auth] {
            #expect(file.range(of: Data(secret)) == nil)
        }
    }

    /// A key that was put into another row does not open there: no subscription is read with another one's keys.
    @Test func keysThatWereMovedDoNotOpen() throws {
        _ = try add("sub-a", 1, to: store())
        _ = try add("sub-b", 2, to: store())
        for column in ["private", "authentication"] {
            try folder.sqlite(
                "UPDATE subscription SET \(column) = (SELECT \(column) FROM subscription WHERE id = 'sub-a') WHERE id = 'sub-b'"
            )
            let store = try store()
            #expect(throws: DeviceStorageError(.doesNotOpen, place: "")) { try self.kept("sub-b", in: store) }
        }
    }

    /// A store from before subscriptions keeps what it has, and takes them.
    @Test func aStoreOfTheVersionBeforeIsCarriedOver() throws {
        let name = SettingName(rawValue: "kept")
        try store().step { try $0.set(name, to: [7]) }
        for table in ["subscription", "access", "capsule"] { try folder.sqlite("DROP TABLE \(table)") }
        try folder.sqlite("PRAGMA user_version = 6")
        let made = try add("sub-a", 1, to: store())
        #expect(try store().look { try $0.setting(name) } == [7])
        #expect(try kept("sub-a", in: store())?.key == made.key)
        #expect(try folder.sqlite("PRAGMA user_version").contains("8"))
        try folder.sqlite("PRAGMA user_version = 5")
        #expect(throws: DeviceStorageError(.olderVersion, place: "")) { try self.store() }
    }
}
