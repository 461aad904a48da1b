import Membership
import Statements
import Testing

@testable import DeviceKit
@testable import DeviceStorage

/// What a broken link left open of a message is told apart from what does not hold.
@Suite final class OpenPromiseTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(_ category: DeviceKitError.Category) -> DeviceKitError {
        DeviceKitError("x", category, "the relay closed the connection", next: "wait")
    }

    @Test func onlyABrokenLinkLeavesItOpen() {
        let broken = BrokenPromise("seen", uncompared: "what the sender had seen", error(.unreachable))
        #expect(broken.isOpen)
        #expect(broken.why == "what the sender had seen: not yet compared (the link broke): tries again by itself")
        #expect(BrokenPromise("seen", uncompared: "x", CancellationError()).isOpen)
        let busy = BrokenPromise("seen", uncompared: "x", error(.tryAgain))
        #expect(busy.isOpen && busy.why.contains("not yet compared (the relay closed the connection)"))
        let false_ = BrokenPromise("seen", uncompared: "x", error(.verification))
        #expect(!false_.isOpen)
        #expect(false_.why == "x could not be compared: the relay closed the connection")
    }

    @Test func whatIsOpenIsRememberedUntilItIsCompared() throws {
        let store = try DeviceStore(directory: folder.path, keys: ListeningKeys())
        let ids = (1...2).map { MessageID.make(at: Timestamp(milliseconds: 1_700_000_000_000 + $0)) }
        #expect(try store.look { try $0.uncompared() }.isEmpty)
        try store.step { step in for id in ids + ids { try step.setUncompared(id, to: true) } }
        #expect(try store.look { try $0.uncompared() } == ids)
        try store.step { step in try step.setUncompared(ids[0], to: false) }
        #expect(try store.look { try $0.uncompared() } == [ids[1]])
        try store.step { step in try step.setUncompared(ids[1], to: false) }
        #expect(try store.look { try $0.uncompared() }.isEmpty)
    }
}
