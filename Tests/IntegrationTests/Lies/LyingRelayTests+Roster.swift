import DeviceKit
import Membership
import RelayAPI
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

/// Lies about who belongs to the practice: a device that nobody invited, a revocation that is kept quiet.
extension LyingRelayTests {
    /// A relay that would read along must get a device of its own among the recipients. Whatever way it tries, the sender's
    /// client catches it before anything is sealed to it; the others are not even asked.
    @Test func ghostDeviceIsNeverSealedTo() async throws {
        try await LieWorld.run { world in
            let ghost = GhostDevice()
            let text = "not for a ghost"
            let send = ["send", "--to", "Clara", "--urgency", "urgent", "--text", text]
            let ina = world.person(.ina)

            // A roster with an enrolment of its own making, truly signed as a log.
            let roster = try world.roster(of: .ina)
            world.liar.tell(try ghost.enrolled(in: roster, for: world, shownTo: .ina))
            world.expectCaught(try await ina.run(send), "roster_log_invalid")
            try world.expectEvidence("roster_log_invalid", by: .ina, of: "checkpoint", "entry")
            // Nobody else is shown it, and nobody else can know; were the auditor shown it, the replay would stop at it.
            try await world.expectNothingSeen(by: .clara, .phone, .ben, .ada, .omar)
            try await world.expectNothingInTheLogs()
            world.liar.tell(try ghost.enrolled(in: roster, for: world, shownTo: .vera))
            let replay = try await world.nightbell(.vera, "audit", "verify")
            try world.expectAuditFinds(replay, "relay_contradicts_itself", "unknown", "roster_event_missing")

            // Its own prekey in the name of Clara's phone; then one device more than was asked for.
            let phone = world.device(.phone)
            world.liar.tell(.claims { ghost.replacing(phone, in: $0) })
            world.expectCaught(try await ina.run(send), "prekey_invalid")
            world.liar.tell(.claims { ghost.added(to: $0) })
            let more = try await ina.run(send)
            #expect(more.status == 65 && more.code == "claim_untrue", "\(more)")
            #expect(world.liar.count("/messages") == 0)

            // A refusal that names it as missing: nobody is re-keyed by a refusal.
            world.liar.tell(ghost.demanded(at: "/messages"))
            world.expectCaught(try await ina.run(send), "refusal_untrue")
            try await world.expectNothingSeen(by: .clara, .phone, .ben, .ada, .omar)
            world.liar.tell(nil)
            try await world.expectNothingInTheLogs()

            let sent = try await ina.json(send)
            let recipients = sent["recipients"]?.array?.compactMap { $0["device"]?.string } ?? []
            #expect(Set(recipients) == [world.device(.clara).description, phone.description])
            let message = try #require(sent["message"]?.string)
            try await world.expectDeliveredOnce(message, text: text)
            #expect(try await world.nightbell(.clara, "inbox").json()["messages"]?.array?.count == 1)
        }
    }

    /// The sender is shown a present without the revocation, and its message is logged behind it. Neither the sender nor
    /// who has nothing to do with the message can see that; whoever knows the revocation does as soon as the message
    /// comes, and says so beside it. The heads that the sender kept are false signed words.
    @Test func hiddenRevocationIsCaughtByTheRecipientsWhoKnowOfIt() async throws {
        try await LieWorld.run { world in
            let text = "on a roster of yesterday"
            try await world.withSecondRelay {
                let old = try await world.present(of: .ina).roster
                try await world.person(.ada).json(
                    "admin", "revoke", world.device(.phone).description, "--reason", "stolen")
                world.liar.tell(world.hiding(behind: old, from: .ina))
                let sent = try await world.nightbell(
                    .ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", text)
                #expect(sent.status == 0, "\(sent)")
                let message = try #require(try sent.json()["message"]?.string)
                let recipients = try sent.json()["recipients"]?.array?.compactMap { $0["device"]?.string } ?? []
                #expect(recipients.contains(world.device(.phone).description))
                let heads = world.folder + "/heads"
                try await world.expectNothingSeen(by: .ina, .ben, .ada, .omar)
                #expect(try await world.nightbell(.ina, "status", "--heads", heads).status == 0)

                // The revoked device is told so, with the proof.
                #expect(try await world.nightbell(.phone, "inbox").status == 77)
                world.expectCaught(try await world.nightbell(.clara, "inbox"), "roster_not_in_force")
                try world.expectEvidence("roster_not_in_force", by: .clara, of: "entry", "proof", "roster")
                let read = try await world.nightbell(.clara, "read", message).json()
                #expect(read["content"]?["text"]?.string == text, "\(read)")
                #expect(read["verified"]?.bool == false)
                #expect(read["broken"]?.array?.first?["promise"]?.string == "roster")

                let replay = try await world.nightbell(.vera, "audit", "verify")
                try world.expectAuditFinds(replay, "stale")
                let heldAgainst = try await world.nightbell(.vera, "audit", "verify", "--heads", heads)
                try world.expectAuditFinds(heldAgainst, "stale", "false_head")

                world.liar.tell(nil)
                #expect(try await world.receipts(on: message).contains("delivered \(world.device(.clara))"))
                try await world.expectNothingSeen(by: .ina)
                let next = try await world.send("on today's roster")
                try await world.expectDeliveredOnce(next, text: "on today's roster")
            }
        }
    }
}

extension LieWorld {
    /// Shows one device a present with an older roster, truly signed, beside the activity log as it is; lets it claim at a
    /// relay that knows no better; and logs what it sends where the rules forbid it.
    fileprivate func hiding(behind old: Head.Tree, from who: Who) -> LyingRelay.Lie {
        let device = device(who)
        let keys = keys
        let last = Mutex<HeadAnswer?>(nil)
        return LyingRelay.Lie(
            backend: { $0.asker == device && $0.path.hasSuffix("/claims") ? 1 : 0 },
            answer: { question, forward in
                guard question.asker == device else { return nil }
                if question.path.hasSuffix("/claims"), let head = last.withLock({ $0 }) {
                    let claim = try APIJSON.decode(ClaimAnswer.self, from: try await forward(question).body)
                    return .json(ClaimAnswer(prekeys: claim.prekeys, head: head))
                }
                guard question.method == "POST", let envelope = try? Envelope(parsing: question.body) else {
                    return nil
                }
                return .json(
                    try await self.withStoppedRelay {
                        try await self.store.log(envelope, senderMember: self.member(who))
                    })
            },
            head: { head, asker in
                guard asker == device, let untrue = try? keys.changed(head, roster: old) else { return head }
                last.withLock { $0 = untrue }
                return untrue
            })
    }
}
