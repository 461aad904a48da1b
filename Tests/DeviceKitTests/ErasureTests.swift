import DeviceStorage
import Foundation
import Secrets
import Statements
import Testing

@testable import DeviceKit

/// What is left of a profile whose device was revoked, wherever its erasing was interrupted.
@Suite final class ErasureTests {
    private let folder: TemporaryFolder
    private let canary = "Jamie Doe, short of breath"
    private var directory: String { folder.path + "/profile" }
    private var keyFile: UnlockSource { .keyFile(folder.path + "/key") }

    init() throws { folder = try TemporaryFolder() }

    private func made() throws -> Profile {
        let profile = try Profile.make(directory, unlock: keyFile)
        try profile.store.step { step in
            try step.set(SettingName(rawValue: "test"), to: Array(canary.utf8))
            _ = try step.add(
                MessageRow(
                    id: "msg-a", number: 1, received: 1, state: "stored", urgency: 0, summary: [9], envelope: [1],
                    content: Array(canary.utf8), details: [2]))
        }
        _ = try profile.keepEvidence("finding.json", Array("{}".utf8))
        return profile
    }

    private var record: RevocationRecord {
        RevocationRecord(
            identity: Identity(
                organisation: OrganisationID(bytes: [UInt8](repeating: 1, count: 20)),
                member: MemberID(bytes: [UInt8](repeating: 2, count: 10)),
                device: DeviceID(bytes: [UInt8](repeating: 3, count: 20)), relay: "relay.example:8443"),
            reason: "left in a taxi", index: 7, entry: Array("entry\n".utf8),
            proof: Array("proof\n".utf8), learned: Timestamp(milliseconds: 1_790_000_000_000))
    }

    private func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: directory))
    }

    private func expectErased(_ wrapped: [UInt8]) throws {
        #expect(try names().isSubset(of: ["revoked.json", "profile.json", "evidence", "lock", "ca.pem"]))
        #expect(try names().isSuperset(of: ["revoked.json", "profile.json", "evidence"]))
        let description = try Data(contentsOf: URL(fileURLWithPath: directory + "/profile.json"))
        #expect(String(decoding: description, as: UTF8.self).contains("\"wrap\":null"))
        #expect(description.range(of: Data(wrapped)) == nil)
        let kept = try #require(try Erasure.record(in: directory))
        #expect(kept.erased != nil)
        #expect(kept.entry == Array("entry\n".utf8))
        #expect(kept.proof == Array("proof\n".utf8))
        // Whoever comes later is told, and finds nothing to open.
        for _ in 0..<2 {
            #expect(throws: DeviceKitError("revoked", .refused, "", next: "")) {
                try Profile.open(self.directory, unlock: self.keyFile)
            }
        }
        #expect(throws: DeviceKitError("revoked", .refused, "", next: "")) {
            _ = try Profile.storeKey(self.directory, unlock: self.keyFile)
        }
        // Nor does a new device move in where the old one's record lies.
        #expect(throws: DeviceKitError("revoked", .refused, "", next: "")) {
            try Profile.make(self.directory, unlock: self.keyFile)
        }
    }

    private func wrapped() throws -> [UInt8] {
        let document = try JSONParser.parse(
            [UInt8](Data(contentsOf: URL(fileURLWithPath: directory + "/profile.json"))))
        return Array(try #require(document["wrap"]?["sealed"]?.string).utf8)
    }

    @Test func destroysTheKeyThenTheStoreAndKeepsTheRecord() throws {
        let profile = try made()
        let wrapped = try wrapped()
        try profile.erase(record)
        try expectErased(wrapped)
        // The open store opens nothing more.
        #expect(throws: DeviceStorageError(.erased, place: "")) { try profile.store.look { try $0.message("msg-a") } }
        #expect(throws: DeviceStorageError(.erased, place: "")) { try profile.store.step { _ in } }
        // Again, it changes nothing.
        let first = try Erasure.record(in: directory)
        try profile.erase(record)
        #expect(try Erasure.record(in: directory) == first)
    }

    /// Each state that a crash can leave: what was done up to it, by hand.
    @Test(arguments: 0..<5) func goesOnWhereItWasInterrupted(_ point: Int) throws {
        do { _ = try made() }
        let wrapped = try wrapped()
        try SecureFolder.replace(directory + "/revoked.json", with: record.bytes)
        if point >= 1 { try SecureFolder.overwrite(directory + "/profile.json") }
        if point >= 2 {
            try SecureFolder.replace(directory + "/profile.json", with: ProfileDocument.erased(record.identity))
        }
        if point >= 3 { try FileManager.default.removeItem(atPath: directory + "/store.sqlite") }
        if point >= 4 { try SecureFolder.removeAll(in: directory, but: ["revoked.json", "profile.json", "evidence"]) }
        #expect(throws: DeviceKitError("revoked", .refused, "", next: "")) {
            try Profile.open(self.directory, unlock: self.keyFile)
        }
        try expectErased(wrapped)
    }

    @Test func overwritesTheWrappedKeyWhereItStands() throws {
        _ = try made()
        let path = directory + "/profile.json"
        let handle = try #require(FileHandle(forReadingAtPath: path))
        let size = try handle.seekToEnd()
        try SecureFolder.overwrite(path)
        // The same file, by the descriptor that was open before.
        try handle.seek(toOffset: 0)
        #expect(try handle.readToEnd() == Data(count: Int(size)))
    }

    /// What stood under a name, by the descriptor that was open before: nobody finds it by the name any more.
    private func former(_ name: String, after change: () throws -> Void) throws -> (before: Data, after: Data) {
        let handle = try #require(FileHandle(forReadingAtPath: directory + "/" + name))
        let before = try handle.readToEnd() ?? Data()
        try change()
        try handle.seek(toOffset: 0)
        return (before, try handle.readToEnd() ?? Data())
    }

    @Test func whatHeldTheWrappedKeyBeforeIsWrittenOverWhenItIsReplaced() throws {
        let profile = try made()
        let wrapped = Data(try wrapped())
        let replaced = try former("profile.json") { try profile.publishIdentity() }
        #expect(replaced.before.range(of: wrapped) != nil)
        #expect(replaced.after == Data(count: replaced.before.count))
        #expect(try Data(self.wrapped()) == wrapped)
        // The one that is erased, and the one that takes its place at last.
        let erased = try former("profile.json") { try profile.erase(record) }
        #expect(erased.after == Data(count: erased.before.count))
    }

    /// A crash between writing beside and renaming.
    @Test func whatACrashLeftBesideIsWrittenOver() throws {
        let profile = try made()
        let content = try Data(contentsOf: URL(fileURLWithPath: directory + "/profile.json"))
        func leave() throws { try content.write(to: URL(fileURLWithPath: directory + "/profile.json.new")) }
        try leave()
        #expect(try former("profile.json.new") { try profile.publishIdentity() }.after == Data(count: content.count))
        try leave()
        #expect(try former("profile.json.new") { try profile.erase(record) }.after == Data(count: content.count))
        #expect(try !names().contains("profile.json.new"))
    }

    @Test func whoeverHoldsTheKeyIsToldToForgetIt() throws {
        let profile = try made()
        var told = 0
        try Erasure.run(record, in: directory, store: profile.store) {
            told += 1
            // By then nobody can have it anew.
            let description = FileManager.default.contents(atPath: self.directory + "/profile.json")
            #expect(description.map { String(decoding: $0, as: UTF8.self).contains("\"wrap\":null") } == true)
        }
        #expect(told == 1)
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        var other = record
        #expect(RevocationRecord(parsing: other.bytes) == other)
        other.erased = Timestamp(milliseconds: 1_790_000_000_001)
        #expect(RevocationRecord(parsing: other.bytes) == other)
        #expect(RevocationRecord(parsing: Array(other.bytes.dropLast(5))) == nil)
        #expect(RevocationRecord(parsing: Array("{\"version\":2}".utf8)) == nil)
    }

    @Test func aFolderWithADamagedRecordIsNotErased() throws {
        _ = try made()
        try SecureFolder.replace(directory + "/revoked.json", with: Array("{}".utf8))
        #expect(throws: DeviceKitError("revocation_damaged", .configuration, "", next: "")) {
            try Profile.open(self.directory, unlock: self.keyFile)
        }
        try FileManager.default.removeItem(atPath: directory + "/revoked.json")
        #expect(try Profile.open(directory, unlock: keyFile).store.look { try $0.isStored(message: "msg-a") })
    }
}
