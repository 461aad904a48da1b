import DeviceKit
import RelayAPI
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

/// Lies about a device's queue: items held back, hidden from the signed head, repeated, and receipts that go nowhere.
extension LyingRelayTests {
    /// The signed head counts what is not given: the recipient misses it at once, reads what comes after it, and asks for
    /// it again. The sender sees that nothing is delivered, and no lie; the log is true.
    @Test func droppedQueueItemIsMissedAtOnceAndTakenInLater() async throws {
        try await LieWorld.run { world in
            let first = try await world.send("first")
            let second = try await world.send("second")
            let dropped = try #require(MessageID(first))
            let clara = world.device(.clara)
            world.liar.tell(.items(to: clara) { $0.message == dropped ? [] : [$0] })
            world.expectCaught(try await world.nightbell(.clara, "inbox"), "queue_gap")
            try world.expectEvidence("queue_gap", by: .clara, of: "head", "position")
            #expect(try await world.state(first, of: .clara) == nil)
            #expect(try await world.state(second, of: .clara) == "delivered")
            // Nothing comes after the last item that would show the gap: the head does.
            let last = try await world.send("last")
            let tail = try #require(MessageID(last))
            world.liar.tell(.items(to: clara) { $0.message == tail || $0.message == dropped ? [] : [$0] })
            world.expectCaught(try await world.nightbell(.clara, "inbox"), "queue_gap")
            #expect(try await world.receipts(on: first).isEmpty)
            try await world.expectNothingSeen(by: .ina, .phone, .ada, .omar)
            try await world.expectNothingInTheLogs()

            world.liar.tell(nil)
            for (message, text) in [(first, "first"), (second, "second"), (last, "last")] {
                try await world.expectDeliveredOnce(message, text: text)
            }
            // The running hash is that of the signed head again: what is held back next is missed again.
            let next = try await world.send("next")
            try await world.expectDeliveredOnce(next, text: "next")
        }
    }

    /// While one item's bytes are wrong, later ones are taken in; that the queue then has a hole is no lie of the relay's.
    @Test func itemThatIsHeldBackDoesNotStopTheQueueNorIsLost() async throws {
        try await LieWorld.run { world in
            let first = try await world.send("first")
            let second = try await world.send("second")
            let changed = try #require(MessageID(first))
            world.liar.tell(
                .items(to: world.device(.clara)) { $0.message == changed ? [$0.changing("content")] : [$0] })
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.findings == ["bytes_changed"], "\(inbox)")
            #expect(try await world.state(second, of: .clara) == "delivered")
            world.liar.tell(nil)
            let third = try await world.send("third")
            for (message, text) in [(first, "first"), (second, "second"), (third, "third")] {
                try await world.expectDeliveredOnce(message, text: text)
            }
            let status = try await world.nightbell(.clara, "status").json()
            #expect(status["findings"]?.array?.compactMap { $0["code"]?.string } == ["bytes_changed"], "\(status)")
        }
    }

    /// A relay that leaves the item out of its head as well deceives its recipient. The sender's own deadline tells that
    /// nobody has it, and the head that the recipient kept is a false signed word, which an auditor's replay exposes.
    @Test func itemThatTheHeadLeavesOutIsExposedByTheKeptHeads() async throws {
        try await LieWorld.run { world in
            let clara = world.device(.clara)
            let before = try #require(try await world.present(of: .clara).device)
            let message = try await world.send("hidden")
            let keys = world.keys
            world.liar.tell(
                LyingRelay.Lie(
                    item: { item, asker in asker == clara ? [] : [item] },
                    head: { head, asker in
                        guard asker == clara, let untrue = try? keys.changed(head, device: { _ in before }) else {
                            return head
                        }
                        return untrue
                    }))
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == 0, "\(inbox)")
            #expect(try await world.state(message, of: .clara) == nil)
            try await world.expectNothingSeen(by: .clara, .ina, .ada, .omar)
            let waited = try await world.nightbell(
                .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "hidden too", "--wait", "--timeout", "1"
            )
            #expect(waited.status == 1 && waited.code == "unanswered", "\(waited)")

            let heads = world.folder + "/heads"
            #expect(try await world.nightbell(.clara, "status", "--heads", heads).status == 0)
            let alone = try await world.nightbell(.vera, "audit", "verify")
            #expect(alone.status == 0, "\(alone)")
            let exposed = try await world.nightbell(.vera, "audit", "verify", "--heads", heads)
            try world.expectAuditFinds(exposed, "false_head")

            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: "hidden")
        }
    }

    /// The same item again changes nothing; as another item it is a finding of the device that gets it, which nobody else
    /// can make, and does not push the next one out.
    @Test func replayedItemIsNeitherShownNorReceiptedAnew() async throws {
        try await LieWorld.run { world in
            let clara = world.device(.clara)
            let kept = Mutex<QueueItem?>(nil)
            let first = try await world.send("once")
            world.liar.tell(
                .items(to: clara) { item in
                    kept.withLock { $0 = $0 ?? item }
                    return [item]
                })
            try await world.expectDeliveredOnce(first, text: "once")
            let old = try #require(kept.withLock { $0 })

            let second = try await world.send("next")
            world.liar.tell(.items(to: clara) { [old, $0, old] })
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == 0, "\(inbox)")
            let third = try await world.send("last")
            world.liar.tell(.items(to: clara) { [old.with(number: $0.number)] })
            world.expectCaught(try await world.nightbell(.clara, "inbox"), "queue_differs")
            try world.expectEvidence("queue_differs", by: .clara, of: "entry", "proof")
            try await world.expectNothingSeen(by: .ina, .phone, .ada, .omar)
            try await world.expectNothingInTheLogs()

            world.liar.tell(nil)
            try await world.expectDeliveredOnce(second, text: "next")
            try await world.expectDeliveredOnce(third, text: "last")
            #expect(try await world.receipts(on: first).count { $0.hasSuffix("\(clara)") } == 2)
        }
    }

    /// A receipt counts when its place is proven: until then it waits in the profile and is posted byte for byte. The sender
    /// learns of nothing, rightly, and a log without the receipt is true too: only who signed it knows that it was given.
    @Test func receiptThatIsNotLoggedStaysInTheOutbox() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("did you get it")
            let other = try await world.logged(message, by: .ina)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path.hasSuffix("/receipts") else { return nil }
                    let notes = NoteBatch.decode(question.body, maximum: APILimits.receiptsInBatch) ?? []
                    return .json(
                        ReceiptsAnswer(
                            logged: notes.map { note in
                                LoggedEntry(
                                    log: "activity", index: other.index,
                                    entry: String(decoding: Entry(time: .now(), body: note).bytes, as: UTF8.self),
                                    proof: other.proof, consistency: [])
                            }, refused: nil))
                }))
            world.expectCaught(try await world.nightbell(.clara, "inbox"), "entry_unproven")
            try world.expectEvidence("entry_unproven", by: .clara, of: "entry", "proof")
            #expect(try await world.state(message, of: .clara) == "waiting")
            #expect(try await world.receipts(on: message).isEmpty)
            try await world.expectNothingSeen(by: .ina, .phone, .ada, .omar)
            try await world.expectNothingInTheLogs()

            world.liar.tell(nil)
            try await world.expectDeliveredOnce(message, text: "did you get it")
        }
    }

    /// A receipt that is proven in a tree made for this device alone deceives it for as long as nobody shows it the other
    /// tree. The next true word of the relay convicts it: two signed trees, both in the evidence. Nothing is sent from then
    /// on; what comes is still shown.
    @Test func receiptLoggedInATreeOfItsOwnIsCaughtOnTheNextTrueWord() async throws {
        try await LieWorld.run { world in
            let message = try await world.send("private")
            let keys = world.keys
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    guard question.path.hasSuffix("/receipts") else { return nil }
                    let notes = NoteBatch.decode(question.body, maximum: APILimits.receiptsInBatch) ?? []
                    return .json(
                        ReceiptsAnswer(logged: try await world.activity().pretending(notes, keys), refused: nil))
                }))
            let inbox = try await world.nightbell(.clara, "inbox")
            #expect(inbox.status == 0, "\(inbox)")
            #expect(try inbox.json()["messages"]?.array?.first?["state"]?.string == "delivered")
            #expect(try await world.receipts(on: message).isEmpty)
            try await world.expectNothingSeen(by: .ina, .phone, .ada, .omar)
            try await world.expectNothingInTheLogs()

            world.liar.tell(nil)
            // The true tree of the same size, and of a larger one.
            _ = try await world.nightbell(.phone, "inbox")
            let next = try await world.send("after")
            let caught = try await world.nightbell(.clara, "inbox")
            #expect(caught.status == 65, "\(caught)")
            #expect(
                !Set(caught.findings).isDisjoint(with: ["checkpoints_contradict", "not_consistent"]), "\(caught)")
            let read = try await world.nightbell(.clara, "read", next)
            #expect(try read.json()["content"]?["text"]?.string == "after", "\(read)")
            #expect(try read.json()["verified"]?.bool == false, "\(read)")
            let sent = try await world.nightbell(
                .clara, "send", "--to", "Omar", "--urgency", "routine", "--text", "no")
            #expect(sent.status == 65, "\(sent)")
        }
    }
}
