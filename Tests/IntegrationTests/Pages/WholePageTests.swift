import DeviceKit
import Foundation
import PushPeer
import Testing

/// Relay, push service, distributor and watcher, each a program or server of its own.
@Suite(.timeLimit(.minutes(15))) struct WholePageTests {
    /// Registered and proven by what came back; a message that is accepted while no stream is open is pushed within a second,
    /// opens without the relay, and is delivered once.
    @Test func aMessageReachesAWatcherThroughAPushService() async throws {
        let folder = try Programs.temporaryFolder()
        let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
        try await relay.initialise()
        let keys = try await Programs.run(Programs.relay, ["push-keys", "--data", relay.data])
        #expect(keys.status == 0, "\(keys)")
        let service = try await PushServicePeer()
        try service.answer(.init(path: "/"))
        let settings = [
            "--push-contact", "mailto:ops@practice.example", "--push-hosts", "localhost", "--push-ports",
            "\(service.port)", "--push-authority", service.authority,
        ]
        try await relay.start(settings: settings)
        let practice = try await Practice.found(in: folder, at: relay)
        let clara = practice.clara
        let added = try await clara.run(
            "push", "add", "--web-push", "--endpoint-file", "-", input: service.origin + "/secret-place\n")
        #expect(added.status == 0, "\(added)")
        #expect(try added.json()["outcome"]?.string == "accepted")
        let id = try #require(try added.json()["subscription"]?.string)
        let challenge = try await service.request()

        let bridge = try PageBridge(in: folder)
        let proving = try clara.start("watch", "--web-push", bridge.place)
        try await bridge.hand(Array(challenge.body), of: id)
        try await proving.waitForLine(containing: "\"push_proven\"", id)
        let list = try await clara.json("push", "list")
        #expect(list["transports"]?.array?.compactMap(\.string) == ["web_push"])
        #expect(list["subscriptions"]?.array?.first?["state"]?.string == "working")
        let tested = try clara.start("push", "test", String(id.prefix(12)), "--wait", "60")
        try await bridge.hand(Array(try await service.request().body))
        let outcome = try await tested.outcome()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try outcome.json()["proven"]?.bool == true, "\(outcome)")
        proving.signal(15)
        #expect(try await proving.outcome().status == 0)

        let message = try await practice.text("short of breath")
        // Within a second, as the benchmark `pages` measures.
        let page = try await service.request()
        #expect(page.body.count == challenge.body.count)

        try await relay.stop()
        let watch = try clara.start("watch", "--web-push", bridge.place)
        try await bridge.hand(Array(page.body), of: id)
        try await watch.waitForLine(
            containing: "\"event\":\"page\"", message, "\"from\":\"\(Practice.deskName)\"", "\"verified\":false")
        try await relay.start(settings: settings)
        try await watch.waitForLine(containing: "\"event\":\"message\"", message, "\"verified\":true")
        watch.signal(15)
        #expect(try await watch.outcome().status == 0)
        let listed = try await clara.json("inbox")["messages"]?.array ?? []
        #expect(listed.count { $0["message"]?.string == message } == 1)
        let history = try await practice.desk.json("sent", message)
        let delivered = history["states"]?.array?.count { $0["action"]?.string == "delivered" }
        #expect(delivered == 1, "\(history)")

        try await clara.json("ack", message)
        try await clara.json("push", "remove", id)
        #expect(try await clara.json("push", "list")["subscriptions"]?.array?.isEmpty == true)
        try await practice.remove()
    }
}
