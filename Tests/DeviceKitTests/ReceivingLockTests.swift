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
        #expect(try ReceivingLock.takePlaceOfStuck(in: folder.path) == nil)
        stopped.report { $0.beat -= LinkState.stuckAfterMilliseconds }
        let next = try #require(try ReceivingLock.takePlaceOfStuck(in: folder.path))
        #expect(next.isOurs && !stopped.isOurs)
        // It runs again, and says so in a file that nobody reads any more.
        stopped.report { $0.opened(.drained) }
        #expect(LinkState.read(folder.path)?.phase == .connecting)
        // Of two that follow, the second finds the first one's word.
        #expect(try ReceivingLock.takePlaceOfStuck(in: folder.path) == nil)
        #expect(try ReceivingLock.take(in: folder.path) == nil)
    }

    @Test func aWordOfBeforeTheMachineStartedIsOld() {
        var link = LinkState(.drained, at: 500_000)
        #expect(link.isStuck(at: 1_000))
        #expect(!link.isStuck(at: 519_999))
        #expect(link.isStuck(at: 520_000))
        link.heard = 500_000
        #expect(link.silence(at: 529_999) == 0)
        #expect(link.silence(at: 530_000) == 30_000)
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
