import Foundation
import RelayStorage
import SQLiteStorage
import Statements
import StorageConformance
import Testing

@Suite struct SQLiteRelayStoreTests {
    /// A path that goes with the test.
    final class TemporaryDatabase {
        let path: String
        private let folder: String

        init() throws {
            folder = NSTemporaryDirectory() + "nightbell-store-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            path = folder + "/relay.sqlite"
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }

    @Test(arguments: StorageConformance.all)
    func conforms(to check: StorageConformance.Check) async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteRelayStore(path: database.path)
        try await check.run(store)
        try store.close()
    }

    @Test func whatWasWrittenIsThereAfterReopening() async throws {
        let database = try TemporaryDatabase()
        let organisation = OrganisationID(bytes: [UInt8](repeating: 3, count: 20))
        let store = try SQLiteRelayStore(path: database.path)
        try await store.write { try $0.addOrganisation(organisation) }
        try store.close()
        let again = try SQLiteRelayStore(path: database.path)
        #expect(try await again.read { try $0.organisations() } == [organisation])
        try again.close()
    }

    @Test func everyCommitIsSynchronous() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteRelayStore(path: database.path)
        defer { try? store.close() }
        #expect(try store.durabilitySettings() == .init(synchronous: 2, journalMode: "wal"))
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let database = try TemporaryDatabase()
        try Data("this is no database, it only lies here".utf8).write(to: URL(fileURLWithPath: database.path))
        #expect(throws: StorageError.self) { try SQLiteRelayStore(path: database.path) }
    }
}
