import Statements
import Testing

@testable import DeviceKit
@testable import DeviceStorage

/// What lists cost, and what they say of each message.
@Suite final class MessageListTests {
    private let folder: TemporaryFolder
    private let order = MessageProgress.order

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
        let list = try store.look { try $0.messageList(order: order) { $0 } }
        #expect(list.map(\.id) == ["msg-3", "msg-2", "msg-1"], "oldest first")
        #expect(list.map(\.summary) == [[3], [2], [1]])
        #expect(list.allSatisfy { $0.furthest == nil && $0.urgency == 1 })
        #expect(keys.rows.isEmpty)
        #expect(keys.exchanges == 0, "the key of the column was in hand")
    }

    /// Rows are tens of kilobytes: a list that went through them would read a hundred megabytes.
    @Test func isReadFromIndexesAlone() throws {
        _ = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        let all = try folder.sqlite(Self.explained(MessageListQuery.rows(order)))
        #expect(all.contains("SCAN message USING COVERING INDEX message_list"), "\(all)")
        let one = try folder.sqlite(Self.explained(MessageListQuery.rows(order, where: "id = 'msg-1'")))
        #expect(one.contains("SEARCH message USING"), "\(one)")
        for plan in [all, one] {
            #expect(plan.contains("SEARCH receipt USING COVERING INDEX receipt_message"), "\(plan)")
            #expect(plan.contains("SEARCH answer USING COVERING INDEX answer_message"), "\(plan)")
        }
        #expect(!all.contains("TEMP B-TREE"), "\(all)")
    }

    /// With a word in place of each argument.
    private static func explained(_ query: String) -> String {
        "EXPLAIN QUERY PLAN " + query.replacing(#/\?\d+/#, with: "'word'")
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
        let list = try store.look { try $0.messageList(order: order) { $0 } }
        let furthest = Dictionary(uniqueKeysWithValues: list.map { ($0.id, $0.furthest) })
        #expect(
            furthest == [
                "msg-1": "delivered", "msg-2": "acknowledged", "msg-3": "closed", "msg-4": nil as String?, "msg-5": nil,
            ])
        for row in list {
            #expect(try store.look { try $0.messageListRow(row.id, order: order) }?.furthest == row.furthest)
        }
    }

    @Test(arguments: MessageProgress.order)
    func everyActionIsFoundAgain(_ action: String) throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        try store.step { step in
            _ = try step.add(message(1))
            try step.add(receipt(1, "msg-1", action, isProven: true))
        }
        #expect(try store.look { try $0.messageList(order: order) { $0 } }.first?.furthest == action)
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
