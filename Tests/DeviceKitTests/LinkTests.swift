import DeviceStorage
import Secrets
import StoreKeying
import Testing

@testable import DeviceKit

/// Threads in the store.
@Suite struct LinkTests {
    @Test func aThreadHasOneRootWhateverComesFirst() throws {
        let folder = try TemporaryFolder()
        let store = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: SecretBytes(random: 32)))
        try store.step { step in
            // The answer to an answer comes before what it answers, and that before what it carries on.
            try step.addLink("c", to: "b", isForward: false, promised: Array("2026".utf8))
            try step.addLink("b", to: "a", isForward: true)
            try step.addLink("d", to: "a", isForward: false)
            try step.addLink("x", to: "y", isForward: false)
        }
        let links = try store.look { try $0.links(ofThread: "a") }
        #expect(links.map(\.message) == ["b", "c", "d"])
        #expect(links.map(\.isForward) == [true, false, false])
        #expect(links[1].promised == Array("2026".utf8))
        #expect(try store.look { try $0.links() }.count == 4)
        #expect(try store.look { try $0.link(of: "x") }?.root == "y")
        #expect(try store.look { try $0.link(of: "a") } == nil)
    }

    @Test func aLinkIsKeptAsItCameAndNoThreadIsARing() throws {
        let folder = try TemporaryFolder()
        let store = try DeviceStore(directory: folder.path, keys: DirectStoreKeys(storeKey: SecretBytes(random: 32)))
        try store.step { step in
            try step.addLink("b", to: "a", isForward: false)
            try step.addLink("b", to: "z", isForward: true)
            try step.addLink("a", to: "b", isForward: false)
            try step.addLink("q", to: "q", isForward: false)
        }
        let link = try #require(try store.look { try $0.link(of: "b") })
        #expect(link.parent == "a" && !link.isForward)
        #expect(try store.look { try $0.link(of: "a") } == nil)
        #expect(try store.look { try $0.link(of: "q") } == nil)
        try store.step { try $0.removeLink("b") }
        #expect(try store.look { try $0.links() }.isEmpty)
    }
}
