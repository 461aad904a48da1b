import DeviceStorage
import Foundation
import Secrets
import StoreKeying
import Testing

/// Which keys a store asks for, and what it does without.
@Suite final class StoreKeysTests {
    private let folder: TemporaryFolder
    private let keys = ListeningKeys()

    init() throws { folder = try TemporaryFolder() }

    private func message(_ number: Int) -> MessageRow {
        MessageRow(
            id: "msg-\(number)", number: UInt64(number), received: Int64(number), state: "stored", urgency: 0,
            summary: [9],
            envelope: [1], content: [UInt8(number % 256)], details: [2])
    }

    @Test func aKeyOfARowIsNobodyElses() {
        var labels: [StoreKeyLabel] = [StoreKeyLabel(table: "message", column: "content")]
        labels += ["a", "b", ""].map { StoreKeyLabel(table: "message", column: "content", row: $0) }
        labels.append(StoreKeyLabel(table: "message", column: "envelope", row: "a"))
        var room = SecretBytes(zeros: 5 * StoreKeysLimits.keyByteCount)
        DirectStoreKeys(storeKey: SecretBytes(random: 32)).deriveAll(labels, &room)
        let made = Set((0..<5).map { room.slice($0 * 32..<$0 * 32 + 32).exposed() })
        #expect(made.count == 5)
        #expect(!made.contains([UInt8](repeating: 0, count: 32)))
    }

    @Test func labelsOfOthersAreOnlyTextsOfTheirType() {
        let label = StoreKeyLabel(table: "message", column: "content", row: "msg-a")
        #expect(StoreKeyLabel(parsing: label.bytes) == label)
        #expect(StoreKeyLabel(parsing: []) == nil)
        #expect(StoreKeyLabel(parsing: Array("nightbell.store-key-fingerprint/v1\n".utf8)) == nil)
        #expect(StoreKeyLabel(parsing: Array("nightbell.store-key/v2\n".utf8)) == nil)
        #expect(StoreKeyLabel(parsing: label.bytes + [UInt8](repeating: 65, count: 512)) == nil)
    }

    @Test func opensOneMessageWithItsOwnKeysAndALaterOneWithOthers() throws {
        let store = try DeviceStore(directory: folder.path, keys: keys)
        try store.step { step in for number in 1...3 { _ = try step.add(message(number)) } }
        keys.forgetTheAsked()
        _ = try store.look { try $0.message("msg-2") }
        #expect(keys.rows == ["message content msg-2", "message envelope msg-2"])
    }

    @Test func manyRowsCostFewExchangesAndColumnsOnlyOne() throws {
        let store = try DeviceStore(directory: folder.path, keys: keys)
        let count = 300
        try store.step { step in for number in 0..<count { _ = try step.add(message(number)) } }
        keys.forgetTheAsked()
        let read = try store.look { try $0.messages() }
        #expect(read.count == count)
        #expect(read.allSatisfy { $0.content == [UInt8($0.number % 256)] && $0.envelope == [1] && $0.details == [2] })
        // Two keys a row, 128 at once; the key of `details` was in hand.
        #expect(keys.exchanges == 5)
        #expect(keys.rows.count == 2 * count)
    }

    @Test func aLockedAgentGivesNothingMore() throws {
        let store = try DeviceStore(directory: folder.path, keys: keys)
        _ = try store.step { step in try step.add(message(1)) }
        keys.lock()
        #expect(throws: DeviceStorageError(.locked, place: "")) { try store.look { try $0.message("msg-1") } }
        #expect(throws: DeviceStorageError(.locked, place: "")) { try store.step { try $0.add(message(2)) } }
        #expect(try store.look { try $0.isStored(message: "msg-2") } == false)
    }

    @Test func aStoreOfATrialVersionIsRefused() throws {
        _ = try DeviceStore(directory: folder.path, keys: keys)
        try folder.sqlite("PRAGMA user_version = 1")
        #expect(throws: DeviceStorageError(.olderVersion, place: "")) {
            try DeviceStore(directory: folder.path, keys: keys)
        }
    }
}

extension DirectStoreKeys {
    fileprivate func deriveAll(_ labels: [StoreKeyLabel], _ room: inout SecretBytes) {
        do throws(StoreKeysError) { try derive(labels, into: &room) } catch { Issue.record(error) }
    }
}
