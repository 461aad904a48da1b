import FuzzSupport
import Secrets
import Statements
import StoreKeying
import Testing

@testable import DeviceKit
@testable import DeviceStorage

/// What lists cost, and what they say of each message.
@Suite final class MessageListTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func message(_ number: Int) -> MessageRow {
        MessageRow(
            id: "msg-\(number)", number: UInt64(number), received: Int64(100 - number), state: "stored", urgency: 1,
            summary: [UInt8(number)], envelope: [UInt8](repeating: 1, count: 20_000), content: [7], details: [8])
    }

    private func receipt(_ number: UInt64, _ message: String, _ action: String, isProven: Bool) -> ReceiptRow {
        ReceiptRow(
            number: number, message: message, action: action, hash: [1], steps: [2], note: [3],
            index: isProven ? number : nil, proof: isProven ? [4] : nil)
    }

    @Test func opensNoMessage() throws {
        let keys = ListeningKeys()
        let store = try DeviceStore(directory: folder.path, keys: keys)
        try store.step { step in for number in 1...3 { _ = try step.add(message(number)) } }
        keys.forgetTheAsked()
        let list = try store.look { try $0.messageList() }.map { $0 }
        #expect(list.map(\.id) == ["msg-3", "msg-2", "msg-1"], "oldest first")
        #expect(list.map(\.summary) == [[3], [2], [1]])
        #expect(list.allSatisfy { $0.furthest == nil && $0.urgency == 1 })
        #expect(keys.rows.isEmpty)
        #expect(keys.exchanges == 0, "the key of the column was in hand")
    }

    /// Messages are tens of kilobytes: a list that went through them would read a hundred megabytes.
    @Test func isReadFromSmallRowsAlone() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        try store.step { step in _ = try step.add(message(1)) }
        for table in ["receipt", "answer", "message"] { try folder.sqlite("DROP TABLE \(table)") }
        #expect(try store.look { try $0.messageList() }.map { $0 }.map(\.id) == ["msg-1"])
        #expect(try store.look { try $0.messageListRow("msg-1") }?.id == "msg-1")
        let plan = try folder.sqlite("EXPLAIN QUERY PLAN " + MessageListQuery.all)
        #expect(plan.contains("SCAN listed") && !plan.contains("TEMP B-TREE"), "\(plan)")
    }

    /// More than are opened at once, in their order.
    @Test func aLongListIsWhole() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        let count = 6_001
        try store.step { step in
            for number in 1...count {
                _ = try step.add(
                    MessageRow(
                        id: "msg-\(number)", number: UInt64(number), received: Int64(number), state: "stored",
                        urgency: 1,
                        summary: Array("\(number)".utf8), envelope: [1], content: nil, details: [8]))
            }
        }
        let list = try store.look { try $0.messageList() }.map { row in String(decoding: row.summary, as: UTF8.self) }
        #expect(list == (1...count).map { "\($0)" })
    }

    @Test func theFurthestProvenActionCounts() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        try store.step { step in
            for number in 1...5 { _ = try step.add(message(number)) }
            try step.add(receipt(1, "msg-1", "delivered", isProven: true))
            try step.add(receipt(2, "msg-1", "closed", isProven: false))
            try step.add(receipt(3, "msg-2", "acknowledged", isProven: true))
            try step.add(receipt(4, "msg-2", "read", isProven: true))
            try step.add(receipt(5, "msg-3", "read", isProven: true))
            try step.add(AnswerRow(index: 1, message: "msg-3", action: "closed", entry: [1]))
            // What another device received is not what this one did.
            try step.add(AnswerRow(index: 2, message: "msg-4", action: "delivered", entry: [1]))
        }
        let list = try store.look { try $0.messageList() }.map { $0 }
        let furthest = Dictionary(uniqueKeysWithValues: list.map { ($0.id, $0.furthest) })
        #expect(
            furthest == [
                "msg-1": "delivered", "msg-2": "acknowledged", "msg-3": "closed", "msg-4": nil as String?, "msg-5": nil,
            ])
        for row in list {
            #expect(try store.look { try $0.messageListRow(row.id) }?.furthest == row.furthest)
        }
    }

    @Test(arguments: ReceiptProgress.actions)
    func everyActionIsFoundAgain(_ action: String) throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        try store.step { step in
            _ = try step.add(message(1))
            try step.add(receipt(1, "msg-1", action, isProven: true))
        }
        #expect(try store.look { try $0.messageList() }.map { $0 }.first?.furthest == action)
    }

    /// The list is kept beside what it follows from: in whatever order that comes, it says what a look at it would.
    @Test(arguments: 1...20)
    func theListSaysWhatReceiptsAndAnswersSay(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        var (number, unproven, model) = (UInt64(0), [(UInt64, String, String)](), [String: [String]]())
        var stored: Set<String> = []
        func says(_ message: String, _ action: String, other: Bool = false) {
            if !other || !["delivered", "undecryptable"].contains(action) {
                model[message, default: []].append(action)
            }
        }
        for _ in 0..<60 {
            let name = "msg-\(Int.random(in: 1...4, using: &random))"
            let action = ReceiptProgress.actions.randomElement(using: &random)!
            number += 1
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                stored.insert(name)
                try store.step { step in
                    let isNew = try step.add(message(Int(name.dropFirst(4))!))
                    if !isNew { try step.update(message(Int(name.dropFirst(4))!)) }
                }
            case 1:
                try store.step { try $0.add(receipt(number, name, action, isProven: true)) }
                says(name, action)
            case 2:
                try store.step { try $0.add(receipt(number, name, action, isProven: false)) }
                unproven.append((number, name, action))
            case 3:
                guard let next = unproven.first else { continue }
                unproven.removeFirst()
                try store.step { try $0.markProven(receipt: next.0, index: 1_000 + next.0, proof: [4]) }
                says(next.1, next.2)
            default:
                let answer = AnswerRow(index: number, message: name, action: action, entry: [1])
                for _ in 1...2 { try store.step { _ = try $0.add(answer) } }
                says(name, action, other: true)
            }
        }
        let list = try store.look { try $0.messageList() }.map { $0 }
        #expect(Set(list.map(\.id)) == stored)
        for row in list {
            let said = (model[row.id] ?? []).compactMap { ReceiptProgress.actions.firstIndex(of: $0) }
            #expect(row.furthest == said.max().map { ReceiptProgress.actions[$0] }, "\(row.id)")
        }
    }

    /// A list that was read early is read again after a change, whoever made it, and not after anything else.
    @Test func itsVersionChangesWithIt() throws {
        let key = SecretBytes(random: 32)
        func open() throws -> DeviceStore {
            try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: key))
        }
        let (store, other) = (try open(), try open())
        func version() throws -> ListVersion { try store.look { try $0.listVersion() } }
        var versions = [try version()]
        func changes(_ body: () throws -> Void) throws -> Bool {
            try body()
            versions.append(try version())
            return versions.last != versions.dropLast().last
        }
        #expect(try !changes { try store.step { try $0.setMessageKey("msg-1", to: key) } })
        #expect(try changes { try store.step { _ = try $0.add(message(1)) } })
        #expect(try !changes { try store.step { _ = try $0.add(message(1)) } })
        #expect(try changes { try store.step { try $0.update(message(1)) } })
        #expect(try !changes { try store.step { try $0.add(receipt(1, "msg-1", "read", isProven: false)) } })
        #expect(try changes { try store.step { try $0.markProven(receipt: 1, index: 7, proof: [4]) } })
        let answer = AnswerRow(index: 9, message: "msg-1", action: "closed", entry: [1])
        #expect(try changes { try store.step { _ = try $0.add(answer) } })
        #expect(try !changes { try store.step { _ = try $0.add(answer) } })
        #expect(try changes { try other.step { _ = try $0.add(message(2)) } })
        #expect(try !changes {})
        for (place, version) in versions.enumerated() where place > 0 && version != versions[place - 1] {
            #expect(!versions[..<place].contains(version), "none comes back")
        }
    }

    @Test func aPlaceThatNoActionHasIsRefused() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        try store.step { step in _ = try step.add(message(1)) }
        for place in ["-1", "8"] {
            _ = try folder.sqlite("UPDATE listed SET furthest = \(place)")
            #expect(throws: DeviceStorageError.self) { try store.look { try $0.messageList() }.map { $0 } }
        }
    }

    /// Whoever has the list in hand reads it again only for what is new.
    @Test func anAnswerIsNewOnce() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        let row = AnswerRow(index: 1, message: "msg-1", action: "read", entry: [1])
        #expect(try store.step { try $0.add(row) })
        #expect(try !store.step { try $0.add(row) })
        #expect(try store.look { try $0.answers(on: "msg-1") }.count == 1)
    }

    @Test func idsAreFoundByTheirBeginnings() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        try store.step { step in for number in [1, 12, 2] { _ = try step.add(message(number)) } }
        func ids(_ prefix: String) throws -> [String] {
            try store.look { try $0.messageIDs(beginningWith: prefix, limit: 10) }
        }
        #expect(try ids("msg-1") == ["msg-1", "msg-12"])
        #expect(try ids("msg-12") == ["msg-12"])
        #expect(try ids("") == ["msg-1", "msg-12", "msg-2"])
        #expect(try ids("msg-3").isEmpty)
        #expect(try ids("%").isEmpty)
    }
}

/// The few bytes that stand for a message in a list.
@Suite struct MessageSummaryTests {
    private func summary(_ member: MemberID?, _ quarantine: ReceiptReason?) -> MessageSummary {
        var summary = MessageSummary([2, 0] + [UInt8](repeating: 0, count: 44))!
        summary.isVerified = quarantine == nil
        summary.isSharedWithOthers = true
        summary.member = member
        summary.quarantine = quarantine
        summary.at = Timestamp(milliseconds: 1_795_849_302_809)
        summary.expires = Timestamp(milliseconds: 1_795_935_702_809)
        summary.entryIndex = 1 << 52
        summary.sender = DeviceID(bytes: (0..<20).map { UInt8($0) })
        return summary
    }

    @Test func comesBackAsItWasWritten() {
        for member in [nil, MemberID.random()] {
            for quarantine in [nil, ReceiptReason.seal, ReceiptReason.noPrekey] {
                let written = summary(member, quarantine)
                #expect(MessageSummary(written.bytes) == written)
            }
        }
    }

    @Test func nothingElseIsRead() {
        let bytes = summary(MemberID.random(), nil).bytes
        for count in 0..<bytes.count { #expect(MessageSummary(Array(bytes.prefix(count))) == nil) }
        #expect(MessageSummary(bytes + [0]) == nil)
        #expect(MessageSummary([1] + bytes.dropFirst()) == nil)
        #expect(MessageSummary([bytes[0], bytes[1] | 16] + bytes.dropFirst(2)) == nil)
        #expect(MessageSummary([bytes[0], bytes[1] | 8] + bytes.dropFirst(2) + Array("nothing".utf8)) == nil)
    }
}
