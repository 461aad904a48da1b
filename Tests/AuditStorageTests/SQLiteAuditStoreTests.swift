import AuditStorage
import Auditing
import Foundation
import Secrets
import Testing

/// The file: whose it is, what it shows, and what becomes of one that was changed.
@Suite struct SQLiteAuditStoreTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func itIsTheOwnersAlone() throws {
        let folder = Folder()
        let store = try folder.store()
        try store.set([1], as: .kept)
        try store.commit()
        #expect(try mode(folder.path) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            #expect(try mode(folder.path + "/" + name) == 0o600)
        }
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        let folder = Folder()
        _ = try folder.store()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.file)
        #expect(throws: AuditError(.storeUnusable, "")) { try folder.store() }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        #expect(throws: AuditError(.storeUnusable, "")) { try folder.store() }
    }

    @Test func whatIsNoPlainFileIsRefused() throws {
        let folder = Folder()
        _ = try folder.store()
        try FileManager.default.removeItem(atPath: folder.file)
        try #require(unsafe mkfifo(folder.file, 0o600) == 0)
        #expect(throws: AuditError(.storeNotAFile, "")) { try folder.store() }
        try FileManager.default.removeItem(atPath: folder.file)
        try? FileManager.default.removeItem(atPath: folder.file + "-journal")
        try #require(unsafe mkfifo(folder.file + "-journal", 0o600) == 0)
        #expect(throws: AuditError(.storeNotAFile, "")) { try folder.store() }
    }

    @Test func nothingOfARecordStandsInTheFile() throws {
        let folder = Folder()
        var store: SQLiteAuditStore? = try folder.store()
        let words = Array("acknowledged by the night doctor".utf8)
        for name in AuditStoreValue.allCases { try store?.set(words, as: name) }
        try store?.set(words, of: 1)
        try store?.set(StoredMessage(number: 0, id: Array(repeating: 7, count: 16), record: words))
        try store?.add(StoredQueuePart(first: 0, record: words), to: [1])
        try store?.commit()
        store = nil
        let bytes = try #require(FileManager.default.contents(atPath: folder.file))
        #expect(bytes.range(of: Data(words)) == nil)
        #expect(try folder.store().messages(from: 0, limit: 1).first?.record == words)
    }

    @Test func underAnotherKeyNothingOpens() throws {
        let folder = Folder()
        var store: SQLiteAuditStore? = try folder.store()
        try store?.set([1, 2, 3], as: .kept)
        try store?.commit()
        store = nil
        let other = try SQLiteAuditStore(folder: folder.path, key: SecretBytes(random: 32))
        #expect(throws: AuditError(.storeDamaged, "")) { try other.value(.kept) }
    }

    @Test func whatIsNoDatabaseIsReplacedAndThatIsTold() throws {
        let folder = Folder()
        _ = try folder.store()
        try Data(randomBytes(8_192)).write(to: URL(fileURLWithPath: folder.file))
        let store = try folder.store()
        #expect(throws: AuditError(.storeDamaged, "")) { try store.value(.kept) }
        #expect(try mode(folder.file) == 0o600)
        try store.reset()
        #expect(try store.value(.kept) == nil)
        try store.set([1], as: .kept)
        try store.commit()
        #expect(try store.value(.kept) == [1])
    }

    @Test func whatAnotherVersionWroteIsReplacedAndThatIsTold() throws {
        let folder = Folder()
        var store: SQLiteAuditStore? = try folder.store()
        try store?.set([1], as: .kept)
        try store?.commit()
        store = nil
        var bytes = try #require(FileManager.default.contents(atPath: folder.file))
        // The user version, in the file's header.
        bytes[63] = 9
        try bytes.write(to: URL(fileURLWithPath: folder.file))
        let later = try folder.store()
        #expect(throws: AuditError(.storeDamaged, "")) { try later.value(.kept) }
        try later.reset()
        #expect(try later.value(.kept) == nil)
    }

    @Test func twoRunsDoNotWorkWithItAtOnce() throws {
        let folder = Folder()
        let store = try folder.store()
        try store.set([1], as: .kept)
        #expect(throws: AuditError(.storeBusy, "")) { try folder.store() }
        try store.commit()
    }

    /// Also that of one that is killed: nobody is left to take it away.
    @Test func aScratchFileHasNoNameThatARunCouldLeaveBehind() throws {
        let below = Folder()
        try FileManager.default.createDirectory(atPath: below.path, withIntermediateDirectories: false)
        let store = try SQLiteAuditStore(scratchBelow: below.path)
        #expect(!store.isKept)
        #expect(try FileManager.default.contentsOfDirectory(atPath: below.path).isEmpty)
        // More than is held in memory.
        for chunk in UInt64(0)..<40 { try store.set([UInt8](repeating: UInt8(chunk), count: 1 << 20), of: chunk) }
        try store.commit()
        for chunk in UInt64(0)..<40 {
            #expect(try store.entries(of: chunk) == [UInt8](repeating: UInt8(chunk), count: 1 << 20))
        }
        try store.reset()
        #expect(try store.entries(of: 0) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: below.path).isEmpty)
    }
}
