import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Synchronization
import Testing

@testable import Sealing

/// What a member can send that is not what it says: an honest relay cannot see into it, its recipients do, and the log
/// names who signed it.
@Suite(.timeLimit(LiePractices.timeLimit)) struct LyingSenderTests {
    /// Two devices would be shown two different messages under one manifest, if the cipher alone decided what opens. The
    /// commitment fits one key. The device that got that one sees nothing wrong.
    @Test func differentKeysForTwoDevicesBreakTheCommitmentForOne() async throws {
        try await LieWorld.run { world in
            let text = "for your eyes only"
            let message = try await LyingSender.at(.ina, of: world) { sender in
                var letter = try await sender.letter(try MessageContent(text: text), to: .clara)
                try letter.reseal(world.device(.phone), with: MessageKey())
                try await sender.post(try letter.signed(by: sender.signer))
                return letter.message.description
            }
            try await world.expectVerified(message, text: text, by: .clara)
            try await world.expectNothingSeen(by: .clara, .ben, .ada, .omar)
            try await world.expectQuarantined(message, as: "commitment", by: .phone)
            #expect(
                try await world.loggedReceipts(on: message).contains(
                    "undecryptable commitment \(world.device(.phone))"))
            let replay = try await world.nightbell(.vera, "audit", "verify")
            try world.expectAuditFinds(replay, "undecryptable_commitment")
            #expect(try world.sentence(of: "undecryptable_commitment", in: replay).contains("\(world.device(.ina))"))
            // Of the message alone the same is told, as it is told of the whole logs and of the device.
            let found = try replay.json()["findings"]?.array?.filter { $0["message"]?.string == message } ?? []
            #expect(found.contains { $0["code"]?.string == "undecryptable_commitment" }, "\(replay)")
            for words in [["message", message], ["device", "\(world.device(.ina))", "--reason", "investigation"]] {
                let told = try await world.person(.vera).run(["audit"] + words).json()["findings"]?.array ?? []
                #expect(found.allSatisfy { told.contains($0) }, "\(told)")
            }

            let next = try await world.send("the next one")
            try await world.expectDeliveredOnce(next, text: "the next one", to: .phone)
        }
    }

    /// The capsule tells the auditor another patient than the record tells its recipients. They see both: the message is
    /// shown with the difference, and the receipt says so. The relay and everybody else see sealed bytes.
    @Test func capsuleThatNamesAnotherPatientIsShownAndSaidInTheReceipt() async throws {
        try await LieWorld.run { world in
            let content = try MessageContent(recordFile: Array(Samples.record().utf8))
            var untrue = JSONObject()
            guard case .object(let truth) = try CapsuleContent(of: content, patient: nil).document else {
                Issue.record("the capsule is no object")
                return
            }
            for member in truth.members {
                untrue.set(member.key, to: member.key == "patient" ? .string("MRN-0815") : member.value)
            }
            let capsule = try #require(CapsuleContent(plaintext: JSONValue.object(untrue).bytes))
            #expect(capsule.patient == "MRN-0815")
            let message = try await LyingSender.at(.ina, of: world) { sender in
                let letter = try await sender.letter(content, to: .clara, capsule: capsule)
                try await sender.post(try letter.signed(by: sender.signer))
                return letter.message.description
            }
            try await world.expectNothingSeen(by: .ben, .ada, .omar)
            world.expectCaught(try await world.nightbell(.clara, "inbox"), "capsule_differs")
            let read = try await world.nightbell(.clara, "read", message).json()
            #expect(read["content"]?["patient"]?["mrn"]?["value"]?.string == "MRN-4711", "\(read)")
            #expect(read["verified"]?.bool == false)
            #expect(read["broken"]?.array?.first?["promise"]?.string == "capsule", "\(read)")
            #expect(
                try await world.loggedReceipts(on: message).contains("delivered differs \(world.device(.clara))"))
            let replay = try await world.nightbell(.vera, "audit", "verify")
            try world.expectAuditFinds(replay, "capsule_differs")
            #expect(try world.sentence(of: "capsule_differs", in: replay).contains("\(world.device(.ina))"))
        }
    }

    /// Ben signs Ina's envelope as his own. A relay refuses it in every form; one that is in league with him gets it into
    /// the log, and there it convicts both: nothing of it opens for its recipients.
    @Test func resignedEnvelopeIsRefusedAndNeverShownAsTheThiefsOwn() async throws {
        try await LieWorld.run { world in
            let posted = Mutex<Envelope?>(nil)
            world.liar.tell(
                LyingRelay.Lie(answer: { question, _ in
                    if let envelope = try? Envelope(parsing: question.body) { posted.withLock { $0 = envelope } }
                    return nil
                }))
            let text = "Ina's own words"
            let message = try await world.send(text)
            world.liar.tell(nil)
            let stolen = LyingLetter(try #require(posted.withLock { $0 }))

            let (kept, rebound) = try await LyingSender.at(.ben, of: world) { thief in
                // His signature under her manifest; her message as his; a message of his own with her parts.
                #expect(try await thief.refusal(of: try stolen.signed(by: thief.signer)) == "rule_broken")
                var letter = stolen
                letter.sender = world.device(.ben)
                letter.at = .now()
                letter.seen = thief.seen
                #expect(try await thief.refusal(of: try letter.signed(by: thief.signer)) == "conflict")
                letter.message = MessageID.make(at: .now())
                let kept = try letter.signed(by: thief.signer)
                #expect(try await thief.refusal(of: kept) == "rule_broken")
                letter.message = MessageID.make(at: .now())
                letter.binding = letter.trueBinding
                let rebound = try letter.signed(by: thief.signer)
                #expect(try await thief.refusal(of: rebound) == "unclaimed")
                return (kept, rebound)
            }
            try await world.expectNothingSeen(by: .clara, .phone, .ina, .ada, .omar)

            // The relay is his friend.
            try await world.withStoppedRelay {
                _ = try await world.store.log(kept, senderMember: world.member(.ben))
                _ = try await world.store.log(rebound, senderMember: world.member(.ben))
            }
            let inbox = try await world.nightbell(.clara, "inbox")
            world.expectCaught(inbox, "manifest_invalid", "undecryptable")
            for envelope in [kept, rebound] {
                let id = envelope.manifest.message.description
                #expect(try await world.state(id, of: .clara) == "quarantined")
                #expect(
                    try await world.loggedReceipts(on: id).contains("undecryptable seal \(world.device(.clara))"))
            }
            try await world.expectNothingSeen(by: .ina, .ada, .omar)
            let replay = try await world.nightbell(.vera, "audit", "verify")
            try world.expectAuditFinds(replay, "wrong_binding", "undecryptable")
            #expect(try world.sentence(of: "wrong_binding", in: replay).contains("\(world.device(.ben))"))

            try await world.expectDeliveredOnce(message, text: text)
        }
    }

    /// Parts of one message under the manifest of another: the relay refuses the first one's binding, cannot see more, and
    /// what it takes opens for nobody.
    @Test func partsCopiedFromAnotherMessageDoNotOpen() async throws {
        try await LieWorld.run { world in
            let (keys, content) = try await LyingSender.at(.ina, of: world) { sender in
                let first = try await sender.letter(try MessageContent(text: "one"), to: .clara)
                try await sender.post(try first.signed(by: sender.signer))

                var copied = try await sender.letter(try MessageContent(text: "two"), to: .clara)
                copied.binding = first.binding
                #expect(try await sender.refusal(of: try copied.signed(by: sender.signer)) == "rule_broken")
                copied.binding = copied.trueBinding
                copied.sealedKeys = first.sealedKeys
                copied.content = first.content
                copied.alert = first.alert
                try await sender.post(try copied.signed(by: sender.signer))

                var partly = try await sender.letter(try MessageContent(text: "three"), to: .clara)
                partly.content = first.content
                try await sender.post(try partly.signed(by: sender.signer))
                return (copied.message.description, partly.message.description)
            }
            try await world.expectNothingSeen(by: .ben, .ada, .omar)
            for who in [Who.clara, .phone] {
                try await world.expectQuarantined(keys, as: "seal", by: who)
                try await world.expectQuarantined(content, as: "content", by: who)
            }
            let receipts = try await world.loggedReceipts(on: keys) + world.loggedReceipts(on: content)
            for device in [world.device(.clara), world.device(.phone)] {
                #expect(receipts.contains("undecryptable seal \(device)"))
                #expect(receipts.contains("undecryptable content \(device)"))
            }
            // Who is at fault, sender or recipient, no log can show: the auditor is told the names.
            let replay = try await world.nightbell(.vera, "audit", "verify")
            #expect(replay.status == 0, "\(replay)")
            #expect(try world.sentence(of: "undecryptable", in: replay).contains("\(world.device(.ina))"))
            let next = try await world.send("four")
            try await world.expectDeliveredOnce(next, text: "four")
        }
    }
}
