import RelayAPI
import Statements
import Testing

@testable import DeviceKit
@testable import TerminalClient

@Suite struct PushWordsTests {
    private let ids = (0..<4).map { SubscriptionID(bytes: [UInt8](repeating: UInt8($0 * 40 + 3), count: 16)) }

    private func subscription(
        _ place: Int, _ state: PushSubscription.State, transport: String = "web_push"
    ) -> PushSubscription {
        PushSubscription(
            id: ids[place].description, transport: transport, state: state, registered: "2026-11-29T19:00:00.000Z",
            proven: state == .unproven ? nil : "2026-11-29T19:00:05.000Z", accepted: nil,
            failingSince: state == .failing ? "2026-11-29T19:10:00.000Z" : nil,
            dropped: state == .dropped ? "2026-11-29T19:20:00.000Z" : nil)
    }

    private func standing(
        _ subscriptions: [PushSubscription], keys: [Int], transports: [String] = ["web_push", "fcm", "carrier_pigeon"]
    ) -> PushStanding {
        PushStanding(
            PushAnswer(transports: transports, vapidKey: "BKey", subscriptions: subscriptions),
            keys: keys.map { ids[$0] })
    }

    /// Whatever keeps pages away is said with what to do, and what works is not mentioned.
    @Test func everyTroubleHasANextStep() {
        let standing = standing(
            [
                subscription(0, .working), subscription(1, .dropped), subscription(2, .failing),
                subscription(3, .working, transport: "apns"),
            ], keys: [0, 1, 2])
        let troubles = PushWords.troubles(standing)
        #expect(troubles.count == 3)
        #expect(troubles.allSatisfy { !$0.next.isEmpty })
        #expect(troubles[0].message.contains("is no more") && troubles[0].next.contains("push remove \(ids[1])"))
        #expect(troubles[1].message.contains("fail since"))
        #expect(troubles[2].message.contains("does not push over it any more"))
        #expect(PushWords.troubles(self.standing([subscription(0, .working)], keys: [0])).isEmpty)
        let unproven = PushWords.troubles(self.standing([subscription(0, .unproven)], keys: [0]))
        #expect(unproven.first?.next.contains("push test \(ids[0])") == true)
    }

    /// Keys and subscriptions that belong to nothing are told apart.
    @Test func keysWithoutSubscriptionAndSubscriptionsWithoutKeys() {
        let standing = standing([subscription(0, .working), subscription(1, .working, transport: "fcm")], keys: [2])
        #expect(standing.withoutKeys == [ids[0]])
        #expect(standing.unknownToRelay == [ids[2]])
        #expect(standing.transports == [.webPush, .fcm])
        let troubles = PushWords.troubles(standing)
        #expect(troubles.count == 2)
        #expect(troubles[0].message.contains("does not open here"))
        #expect(troubles[1].message.contains("the relay does not know it"))
        let listed = PushWords.document(standing)["subscriptions"]?.array
        #expect(listed?[0]["keys"]?.bool == false)
        #expect(listed?[1]["keys"] == .null)
    }

    @Test func idsMayBeShortened() throws {
        let standing = standing([subscription(0, .working)], keys: [0, 1])
        let id = ids[1].description
        #expect(try standing.subscription(String(id.prefix(9))) == ids[1])
        #expect(try standing.subscription(String(id.dropFirst(4).prefix(5))) == ids[1])
        for wrong in ["", "sub-", "sub-zzz"] {
            #expect(throws: DeviceKitError.self) { try standing.subscription(wrong) }
        }
    }

    /// What an address is read from may hold anything; none of it is ever said.
    @Test func addressesAreReadStrictlyAndNeverRepeated() throws {
        func error(_ transport: PushTransportName, _ text: String) -> DeviceKitError? {
            do {
                _ = try SubscriptionAddress(transport, reading: Array(text.utf8))
                return nil
            } catch { return DeviceKitError(describing: error) }
        }
        #expect(error(.webPush, "https://push.example/secret-x\n") == nil)
        #expect(error(.apns, "00ffAA\r\n") == nil)
        #expect(error(.fcm, "token:APA91-_x") == nil)
        for (transport, text) in [
            (PushTransportName.webPush, "http://push.example/secret-x"), (.webPush, "https://"),
            (.webPush, "https://a/secret-x\nb"), (.webPush, ""), (.webPush, "https://a b"), (.apns, "secret-x"),
            (.apns, "abc"), (.fcm, String(repeating: "secret-x", count: 600)), (.fcm, "a\u{1B}b"),
        ] {
            let refused = error(transport, text)
            #expect(refused?.category == .usage, "\(text.prefix(20))")
            #expect(refused.map { "\($0.message) \($0.next)".contains("secret-x") } == false)
        }
    }

    @Test func everyOutcomeSaysWhatToDo() {
        for outcome in [PushTried.Outcome.accepted, .gone, .refused, .unreachable, .unauthorized] {
            for transport in PushTransportName.allCases {
                #expect(!PushWords.outcome(outcome).isEmpty)
                #expect(!PushWords.next(outcome, transport, id: "sub-x").isEmpty)
            }
        }
        #expect(PushWords.next(.accepted, .webPush, id: "sub-x").contains("nightbell watch --web-push"))
    }

    @Test func doctorSaysWhatEachTroubleNeeds() {
        let troubles = PushWords.troubles(standing([subscription(1, .dropped)], keys: [1]))
        let results = PagesCheck(working: 1, troubles: troubles).judge()
        #expect(results.map(\.status) == [.warning])
        #expect(results[0].next.contains("push add"))
        #expect(PagesCheck(working: 2, troubles: []).judge().map(\.status) == [.ok])
        #expect(PagesCheck(working: 0, troubles: []).judge().map(\.status) == [.ok])
    }
}
