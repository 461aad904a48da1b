import DeviceKit
import RelayAPI
import Secrets
import Statements
import Testing
import TransparencyLog

/// What a relay can say that is not true, who catches it, who cannot see it, and that nothing is lost by it.
@Suite(.timeLimit(LiePractices.timeLimit)) struct LyingRelayTests {
    /// The recipient's device catches changed bytes by the manifest's hashes, and signs nothing for them.
    /// Nobody else can see it: not the sender, not the member's other device, not an auditor, for the log is true.
    @Test func changedCiphertextIsNeverReceiptedAndKeptAsEvidence() async throws {
        try await LieWorld.run { world in
            let text = "short of breath since noon"
            let message = try await world.send(text)
            for part in ["content", "alert", "capsule"] {
                world.liar.tell(.items(to: world.device(.clara)) { [$0.changing(part)] })
                world.expectCaught(try await world.nightbell(.clara, "inbox"), "bytes_changed")
                #expect(try await world.state(message, of: .clara) == nil)
            }
            try world.expectEvidence("bytes_changed", by: .clara, of: "entry", "proof")
            #expect(try await world.receipts(on: message).isEmpty)

            // The phone was given the true bytes.
            try await world.expectVerified(message, text: text, by: .phone)
            try await world.expectNothingSeen(by: .ina, .phone, .ada, .omar)
            try await world.expectNothingInTheLogs()

            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: text)
        }
    }

    /// The same on a live stream: the watcher shows the finding, stays, and asks again until the bytes are true. Each device
    /// sees its own; the sender, other members and the auditor cannot.
    @Test func swappedSealedKeysAreCaughtByBothDevicesAndWatchGoesOn() async throws {
        try await LieWorld.run { world in
            let text = "asks for a call back"
            let message = try await world.send(text)
            let devices = [world.device(.clara), world.device(.phone)]
            let held = SwappedKeys(devices)
            world.liar.tell(LyingRelay.Lie(item: { item, asker in [held.swapped(item, asker)] }))
            let watch = try world.person(.clara).start("watch")
            #expect(await watch.wait { $0.errText.contains("bytes_changed") })
            world.expectCaught(try await world.nightbell(.phone, "inbox"), "bytes_changed")
            #expect(!watch.now.hasEnded)
            #expect(try await world.receipts(on: message).isEmpty)
            try await world.expectNothingSeen(by: .ina, .ada, .omar)
            try await world.expectNothingInTheLogs()

            world.liar.tell(nil)
            #expect(await watch.wait { $0.outText.contains(message) })
            watch.signal(15)
            #expect(try await watch.outcome().status == 0)
            try await world.expectDeliveredOnce(message, text: text)
            try await world.expectDeliveredOnce(message, text: text, to: .phone)
        }
    }

    /// A manifest that is not the sender's text has neither its signature nor its place: the recipient shows nothing of it.
    /// Towards the sender, the relay cannot prove the place of another text than the sender's. Nobody else, and no auditor,
    /// can see it: the log has the true one.
    @Test func changedManifestIsRefusedByRecipientAndSender() async throws {
        try await LieWorld.run { world in
            let text = "fever 39.8"
            let message = try await world.send(text)
            let other = try await world.send("something else", from: .ben, to: .omar)
            world.liar.tell(
                .items(to: world.device(.clara)) { item in
                    [item.with(entry: item.entry.entry.replacing("urgency urgent", with: "urgency routine"))]
                })
            world.expectCaught(
                try await world.nightbell(.clara, "inbox"), "entry_unproven", "manifest_invalid")
            #expect(try await world.state(message, of: .clara) == nil)
            #expect(try await world.receipts(on: message).isEmpty)
            try await world.expectNothingSeen(by: .ina, .phone, .ada, .omar)
            try await world.expectNothingInTheLogs()
            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: text)

            // The sender is answered with the place of somebody else's message.
            let theirs = try await world.logged(other, by: .ben)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, forward in
                    guard question.path.hasSuffix("/messages"), question.method == "POST" else { return nil }
                    _ = try await forward(question)
                    return .json(theirs)
                }))
            let sent = try await world.nightbell(
                .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "second")
            world.expectCaught(sent, "entry_unproven")
            try await world.expectNothingSeen(by: .phone, .ben, .ada, .omar)
            try await world.expectNothingInTheLogs()
            world.liar.tell(nil)
            // The same command goes on with the same message: it was logged, and is not sent twice.
            let repeated = try await world.nightbell(
                .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "second")
            #expect(repeated.status == 0, "\(repeated)")
            let second = try #require(try repeated.json()["message"]?.string)
            try await world.expectDeliveredOnce(second, text: "second")
        }
    }
}
