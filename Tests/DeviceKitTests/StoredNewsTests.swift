import DeviceStorage
import Foundation
import Secrets
import StoreKeying
import Statements
import Testing

@testable import DeviceKit

/// What a process that follows the store finds new in it, and what it tells of the link.
@Suite final class StoredNewsTests {
    private let folder: TemporaryFolder
    private let receiving: DeviceStore
    private let following: DeviceStore
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    init() throws {
        folder = try TemporaryFolder()
        let key = SecretBytes(random: 32)
        receiving = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: key))
        following = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: key))
    }

    private func row(_ id: String, received: Int64 = 0) -> MessageRow {
        MessageRow(
            id: id, number: 1, received: received, state: "stored", urgency: 0, summary: [9], envelope: [1],
            content: [2],
            details: [3])
    }

    private func take(_ news: inout StoredNews) throws -> StoredNews.News { try following.look { try news.take($0) } }

    @Test func aMessageIsNewOnceAndAgainWhileItIsNotProven() throws {
        _ = try receiving.step { try $0.add(row("msg-old")) }
        var news = try following.look { try StoredNews($0, at: now) }
        #expect(try take(&news).messages == [])
        _ = try receiving.step { try $0.add(row("msg-b", received: 2)) }
        _ = try receiving.step { try $0.add(row("msg-a", received: 1)) }
        #expect(try take(&news).messages == ["msg-a", "msg-b"])
        news.told("msg-a", isVerified: true)
        news.told("msg-b", isVerified: false)
        // Nothing has happened.
        #expect(try take(&news).messages == [])
        try receiving.step { try $0.update(row("msg-b", received: 2)) }
        #expect(try take(&news).messages == ["msg-b"])
        news.told("msg-b", isVerified: true)
        try receiving.step { try $0.update(row("msg-b", received: 2)) }
        #expect(try take(&news).messages == [])
    }

    @Test func whatCameInTheMinuteBeforeIsTold() throws {
        _ = try receiving.step { try $0.add(row("msg-before", received: now.milliseconds - 61_000)) }
        _ = try receiving.step { try $0.add(row("msg-just", received: now.milliseconds - 59_000)) }
        var news = try following.look { try StoredNews($0, at: now) }
        #expect(try take(&news).messages == ["msg-just"])
    }

    @Test func whatPeopleDidIsNewWhenItIsLogged() throws {
        var news = try following.look { try StoredNews($0, at: now) }
        for (number, action) in [(1, "delivered"), (2, "read"), (3, "acknowledged")] as [(UInt64, String)] {
            try receiving.step { step in
                try step.add(
                    ReceiptRow(
                        number: number, message: "msg-a", action: action, hash: [UInt8](repeating: 0, count: 32),
                        steps: [], note: []))
            }
        }
        #expect(try take(&news).progressed == [])
        for number in 1...3 as ClosedRange<UInt64> {
            try receiving.step { try $0.markProven(receipt: number, index: number, proof: [1]) }
        }
        #expect(try take(&news).progressed == ["msg-a"])
        try receiving.step { _ = try $0.add(AnswerRow(index: 9, message: "msg-b", action: "read", entry: [1])) }
        #expect(try take(&news).progressed == ["msg-b"])
        try receiving.step { _ = try $0.add(AnswerRow(index: 4, message: "msg-c", action: "read", entry: [1])) }
        #expect(try take(&news).progressed == ["msg-c"])
    }

    @Test func noticesThatWereMissingAreNewWhenTheyCome() throws {
        func notice(_ number: UInt64) throws {
            try receiving.step { step in
                _ = try step.add(NoticeRow(number: number, message: "msg-\(number)", index: number, entry: [1]))
                try step.advanceQueue(past: number, leaf: .zero)
            }
        }
        try notice(1)
        try notice(4)
        var news = try following.look { try StoredNews($0, at: now) }
        try notice(5)
        #expect(try take(&news).noticed == ["msg-5"])
        try notice(3)
        #expect(try take(&news).noticed == ["msg-3"])
        news.told(notice: 6)
        try notice(6)
        #expect(try take(&news).noticed == [])
    }

    @Test func findingsAreNewOnce() throws {
        try receiving.step { try $0.addFinding("old", found: 1, details: []) }
        var news = try following.look { try StoredNews($0, at: now) }
        #expect(try !take(&news).hasFindings)
        try receiving.step { try $0.addFinding("new", found: 2, details: []) }
        #expect(try take(&news).hasFindings)
        news.toldFindings(upTo: 2)
        try receiving.step { try $0.set(SettingName(rawValue: "other"), to: [1]) }
        #expect(try !take(&news).hasFindings)
    }

    // MARK: The link

    private func words(_ events: [WatchEvent]) -> [String] {
        events.map { event in
            switch event {
            case .connected: "connected"
            case .drained: "drained"
            case .alive: "alive"
            case .disconnected(let cause, _): cause.code.rawValue
            default: "other"
            }
        }
    }

    @Test func theLinkIsToldAsItChanges() {
        var link = LinkState(.connecting, at: 0)
        var followed = FollowedLink()
        #expect(words(followed.take(link, at: 0)) == [])
        link.phase = .drained
        link.heard = 1_000
        #expect(words(followed.take(link, at: 1_000)) == ["connected", "drained", "alive"])
        #expect(words(followed.take(link, at: 2_000)) == [])
        link.heard = 11_000
        #expect(words(followed.take(link, at: 11_000)) == ["alive"])
        link.phase = .disconnected
        link.cause = DeviceKitError("stream_lost", .unreachable, "it broke off", next: "wait")
        #expect(words(followed.take(link, at: 12_000)) == ["stream_lost"])
        #expect(words(followed.take(link, at: 13_000)) == [])
    }

    /// A process that receives, and whose stream brings nothing: those that follow say so within 30 s, and not for ever.
    @Test func aLinkWithoutASignOfLifeIsToldAsDown() {
        var link = LinkState(.drained, at: 0)
        link.heard = 0
        var followed = FollowedLink()
        _ = followed.take(link, at: 0)
        #expect(words(followed.take(link, at: 29_999)) == [])
        #expect(words(followed.take(link, at: 30_000)) == ["stream_silent"])
        #expect(words(followed.take(link, at: 31_000)) == [])
        link.heard = 40_000
        #expect(words(followed.take(link, at: 40_000)) == ["connected", "drained", "alive"])
        // Its clock may be another: that it says something new is what counts.
        link.heard = 7
        #expect(words(followed.take(link, at: 65_000)) == ["alive"])
        #expect(words(followed.take(link, at: 94_999)) == [])
        #expect(words(followed.take(link, at: 95_000)) == ["stream_silent"])
    }
}
