import DeviceKit
import DeviceStorage
import Foundation
import Secrets
import StoreKeying
import Testing

@Suite final class StoreTests {
    private let folder: TemporaryFolder
    private let key = SecretBytes(random: 32)

    init() throws { folder = try TemporaryFolder() }

    private func store() throws -> DeviceStore {
        try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: key))
    }

    @Test func keepsValuesUnderTheKeyAlone() throws {
        let name = SettingName(rawValue: "test")
        try store().step { step in try step.set(name, to: Array("patient Doe".utf8)) }
        #expect(try store().look { try $0.setting(name) } == Array("patient Doe".utf8))
        let file = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/store.sqlite"))
        #expect(file.range(of: Data("patient Doe".utf8)) == nil)
        let other = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: SecretBytes(random: 32)))
        #expect(throws: DeviceStorageError(.doesNotOpen, place: "")) { try other.look { try $0.setting(name) } }
        // Under an agent's key it may be the agent that is a false one: both are said, and how to find out.
        let agents = try DeviceStore(directory: folder.path, keys: ListeningKeys(areAnothers: true))
        let failure = #expect(throws: DeviceStorageError.self) { try agents.look { try $0.setting(name) } }
        let error = DeviceKitError(describing: try #require(failure))
        #expect(error == .agentKey(process: nil) && error.category == .verification)
        #expect(error.message.contains("either it is not this profile's agent, or the store was changed"))
        #expect(error.next.hasPrefix("run \"nightbell lock\", end the process"))
    }

    @Test func refusesAValueThatWasMovedToAnotherRow() throws {
        try store().step { step in
            for name in ["one", "two"] { try step.set(SettingName(rawValue: name), to: Array(name.utf8)) }
        }
        try folder.sqlite(
            "UPDATE setting SET sealed = (SELECT sealed FROM setting WHERE name = 'one') WHERE name = 'two'")
        let store = try store()
        #expect(try store.look { try $0.setting(SettingName(rawValue: "one")) } == Array("one".utf8))
        #expect(throws: DeviceStorageError(.doesNotOpen, place: "")) {
            try store.look { try $0.setting(SettingName(rawValue: "two")) }
        }
    }

    @Test func refusesColumnsThatWereSwapped() throws {
        let row = MessageRow(
            id: "msg-a", number: 1, received: 1, state: "stored", urgency: 0, summary: [9], envelope: [1, 2, 3],
            content: [4, 5, 6],
            details: [7])
        _ = try store().step { step in try step.add(row) }
        try folder.sqlite("UPDATE message SET content = envelope")
        let store = try store()
        #expect(throws: DeviceStorageError(.doesNotOpen, place: "")) { try store.look { try $0.message("msg-a") } }
    }

    @Test func aMessageKeyStaysWithItsMessage() throws {
        let store = try store()
        let secret = SecretBytes(random: 32)
        try store.step { step in
            for (id, number) in [("msg-a", UInt64(1)), ("msg-b", 2)] {
                _ = try step.add(
                    MessageRow(
                        id: id, number: number, received: 1, state: "stored", urgency: 0, summary: [9], envelope: [1],
                        content: [2],
                        details: [3]))
            }
            try step.setMessageKey("msg-a", to: secret)
        }
        let isSame = try store.look { try $0.withMessageKey("msg-a") { $0.isEqual(to: secret) } }
        #expect(isSame == true)
        let others = try store.look { try $0.withMessageKey("msg-b") { _ in true } }
        #expect(others == nil)
        try folder.sqlite("UPDATE message SET key = (SELECT key FROM message WHERE id = 'msg-a') WHERE id = 'msg-b'")
        #expect(throws: DeviceStorageError(.doesNotOpen, place: "")) {
            try store.look { try $0.withMessageKey("msg-b") { _ in true } }
        }
    }

    @Test func whatIsKnownOfSentFilesOutlivesTheRowsChangesAndGoesAtTheEnd() throws {
        let store = try store()
        let secret = SecretBytes(random: 32)
        var row = SentRow(id: "msg-a", created: 1, state: "drafted", draft: [1], envelope: nil)
        try store.step { step in
            try step.put(row)
            try step.setSendingSecret(row.id, to: secret)
            try step.setSendingFiles(row.id, to: [7])
        }
        row.state = "sealed"
        row.envelope = [8]
        try store.step { step in try step.put(row) }
        let kept = try store.look { try $0.withSendingSecret("msg-a") { $0.isEqual(to: secret) } }
        #expect(kept == true)
        #expect(try store.look { try $0.sendingFiles("msg-a") } == [7])
        #expect(try store.look { try $0.sentIDsWithFiles() } == ["msg-a"])
        try store.step { step in try step.forgetSendingFiles("msg-a") }
        #expect(try store.look { try $0.sendingFiles("msg-a") } == nil)
        #expect(try store.look { try $0.sentIDsWithFiles() } == [])
        #expect(try store.look { try $0.sent("msg-a")?.envelope } == [8])
    }

    @Test func aStepThatThrowsLeavesNothing() throws {
        struct Stop: Error {}
        let store = try store()
        let name = SettingName(rawValue: "half")
        #expect(throws: Stop.self) {
            try store.step { step in
                try step.set(name, to: [1])
                throw Stop()
            }
        }
        #expect(try store.look { try $0.setting(name) } == nil)
    }

    @Test func filesAreTheOwnersAlone() throws {
        try store().step { step in try step.set(SettingName(rawValue: "x"), to: [1]) }
        for name in ["store.sqlite", "lock", "steps.ndjson"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.path + "/store.sqlite")
        #expect(throws: DeviceStorageError(.tooOpen, place: "")) { try store() }
    }

    /// Nobody waits for whoever writes into a pipe.
    @Test(arguments: ["store.sqlite", "store.sqlite-journal"]) func whatIsNoPlainFileIsRefused(_ name: String) throws {
        _ = try store()
        let path = folder.path + "/" + name
        try? FileManager.default.removeItem(atPath: path)
        try #require(unsafe mkfifo(path, 0o600) == 0)
        #expect(throws: DeviceStorageError(.unusable, place: "")) { try store() }
    }

    @Test func aSecondHolderWaitsAndThenGivesUp() throws {
        let path = folder.path + "/lock"
        let held = try FileLock(path: path)
        #expect(throws: DeviceStorageError(.busy, place: "")) { _ = try FileLock(path: path, waitingMilliseconds: 20) }
        withExtendedLifetime(held) {}
    }

    @Test func aDestroyedPrekeyIsGoneAndStillKnown() throws {
        let store = try store()
        let row = PrekeyRow(
            id: "pk-a", purpose: "one-time", created: 1, expires: 2, state: .made, published: Array("text".utf8))
        try store.step { step in try step.add(row, holding: SecretBytes(copying: [9, 9])) }
        #expect(try store.look { try $0.withPrivatePrekey("pk-a") { $0.exposed() } } == [9, 9])
        try store.step { step in try step.destroyPrekey("pk-a") }
        #expect(try store.look { try $0.withPrivatePrekey("pk-a") { $0.count } } == nil)
        #expect(try store.look { try $0.prekey("pk-a") }?.state == .destroyed)
        #expect(try store.look { try $0.prekey("pk-b") } == nil)
    }

    @Test func keepsTheNewestHeadsOnly() throws {
        let store = try store()
        try store.step { step in
            for number in 0..<(StoreStep.keptHeads + 5) { try step.keepHead(Array("\(number)".utf8), received: number) }
        }
        let heads = try store.look { try $0.heads(limit: Int.max) }
        #expect(heads.count == Int(StoreStep.keptHeads))
        #expect(heads.first == Array("\(StoreStep.keptHeads + 4)".utf8))
    }

    @Test func aStoredMessageStaysWhatItWas() throws {
        let store = try store()
        func row(_ content: [UInt8]) -> MessageRow {
            MessageRow(
                id: "msg-a", number: 1, received: 1, state: "stored", urgency: 0, summary: [9], envelope: [1],
                content: content,
                details: [1])
        }
        #expect(try store.step { try $0.add(row([1])) })
        #expect(try !store.step { try $0.add(row([2])) })
        #expect(try store.look { try $0.message("msg-a") }?.content == [1])
    }
}
