import DeviceStorage
import Foundation
import Secrets
import StoreKeying
import Testing

@testable import DeviceKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One process of a profile receives, and the others know how its link is.
@Suite final class ReceivingLockTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func oneHasItAndTheNextGetsItWhenItEnds() throws {
        var first = try ReceivingLock.take(in: folder.path)
        #expect(first?.isOurs == true)
        #expect(try ReceivingLock.take(in: folder.path) == nil)
        #expect(LinkState.read(folder.path)?.phase == .connecting)
        first = nil
        #expect(LinkState.read(folder.path) == nil)
        let second = try ReceivingLock.take(in: folder.path)
        #expect(second?.isOurs == true)
    }

    /// Whoever follows the folder looks again when a file that was open for writing is closed there: a look must be no news.
    @Test func toLookWhetherItIsFreeWakesNobody() throws {
        let lock = try ReceivingLock.take(in: folder.path)
        let watch = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        defer { close(watch) }
        let mask = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MODIFY) | UInt32(IN_MOVED_TO)
        #expect(unsafe inotify_add_watch(watch, folder.path, mask) >= 0)
        #expect(try ReceivingLock.take(in: folder.path) == nil)
        var events = [UInt8](repeating: 0, count: 4_096)
        // The kernel has told of all that was done before.
        #expect(unsafe read(watch, &events, events.count) == -1)
        #expect(errno == EAGAIN)
        withExtendedLifetime(lock) {}
    }

    @Test func theFileIsItsOwnersAlone() throws {
        let lock = try ReceivingLock.take(in: folder.path)
        var status = stat()
        let found = unsafe stat(ReceivingLock.path(folder.path), &status)
        #expect(found == 0 && status.st_mode & 0o777 == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test func othersReadHowTheLinkIs() throws {
        let lock = try #require(try ReceivingLock.take(in: folder.path))
        lock.report { link in
            link.phase = .disconnected
            link.cause = DeviceKitError(
                "stream_lost", .unreachable, "a long sentence on why it broke off", next: "wait")
            link.retryInMilliseconds = 1_250
        }
        let down = try #require(LinkState.read(folder.path))
        #expect(down.phase == .disconnected && down.cause?.message == "a long sentence on why it broke off")
        #expect(down.retryInMilliseconds == 1_250)
        lock.report { $0.opened(.drained) }
        let open = try #require(LinkState.read(folder.path))
        #expect(open.phase == .drained && open.cause == nil && open.heard != nil)
    }

    @Test func whoDoesNotRunOnIsReplacedAndSeesIt() throws {
        let stopped = try #require(try ReceivingLock.take(in: folder.path))
        let word = try #require(LinkState.stored(in: folder.path))
        stopped.report { $0.beat += 1 }
        // It has said something since it was looked at.
        #expect(try ReceivingLock.takePlace(ofStuck: word, in: folder.path) == nil)
        let last = try #require(LinkState.stored(in: folder.path))
        let next = try #require(try ReceivingLock.takePlace(ofStuck: last, in: folder.path))
        #expect(next.isOurs && !stopped.isOurs)
        // It runs again, and says so in a file that nobody reads any more.
        stopped.report { $0.opened(.drained) }
        #expect(LinkState.read(folder.path)?.phase == .connecting)
        // Of two that follow, the second finds the first one's word.
        // Whatever the clock says: another word than the one that was looked at.
        next.report { $0.beat += 60_000 }
        #expect(try ReceivingLock.takePlace(ofStuck: last, in: folder.path) == nil)
        #expect(try ReceivingLock.take(in: folder.path) == nil)
    }

    /// Of two with different clocks neither takes the other's place: a word's age says nothing.
    @Test(arguments: [0, 1_000, 900_000_000]) func anotherClockIsNoReasonToTakeItsPlace(_ theirs: Int64) {
        var beat = FollowedBeat()
        for second: Int64 in 0..<120 {
            let word = LinkState(.drained, at: theirs + second / 5 * 5_000)
            let isStuck = beat.isStuck(word, at: 500_000 + second * 1_000)
            #expect(!isStuck)
        }
    }

    @Test func aWordThatDoesNotChangeIsOfOneThatDoesNotRunOn() {
        var beat = FollowedBeat()
        let word = LinkState(.drained, at: 7)
        var stuck = (0...20).filter { beat.isStuck(word, at: $0 * 1_000) }
        #expect(stuck == [20])
        // Whoever was stopped itself knows nothing of the time in between.
        stuck = (90...110).filter { beat.isStuck(word, at: $0 * 1_000) }
        #expect(stuck == [110])
        // And one that says something else runs on.
        stuck = (111...120).filter { beat.isStuck(LinkState(.drained, at: 8), at: $0 * 1_000) }
        #expect(stuck.isEmpty)
    }

    @Test func aFileThatIsNoWordIsNone() throws {
        for text in ["", "{", "{}\n", "{\"phase\":\"drained\",\"beat\":1,\"retry\":0}", "no\n"] {
            _ = try folder.file("receiving", text)
            #expect(LinkState.stored(in: folder.path) == nil)
        }
    }

    @Test func aStepOfAnotherProcessWakes() async throws {
        // So long that nothing but the kernel's word ends the waiting.
        let changes = try ProfileChanges(folder.path, pauseMilliseconds: 600_000)
        var signals = changes.signals.makeAsyncIterator()
        // The first comes at once.
        await signals.next()
        let store = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: SecretBytes(random: 32)))
        await signals.next()
        try store.step { step in try step.set(SettingName(rawValue: "test"), to: [1]) }
        await signals.next()
        let lock = try #require(try ReceivingLock.take(in: folder.path))
        await signals.next()
        lock.report { $0.opened(.connected) }
        await signals.next()
    }
}
