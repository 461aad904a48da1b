import DeviceKit
import Foundation
import RelayAPI
import Statements
import Synchronization
import Testing

/// Lies about what was: two histories, and a store that was put back.
extension LyingRelayTests {
    /// Two relays with the same keys, each for a part of the people. Whoever sees one side alone sees nothing wrong, and
    /// neither does an auditor of that side. Two people who read their checkpoints to each other do; so does the device
    /// that is shown the other side, and the reader of a statement whose signer had seen it; so does an auditor with the
    /// heads of both.
    @Test func forkedLogIsCaughtWhenOneSideMeetsTheOther() async throws {
        try await LieWorld.run { world in
            try await world.withSecondRelay {
                let others = [world.device(.ben), world.device(.phone)]
                let posted = Mutex<Envelope?>(nil)
                world.liar.tell(
                    LyingRelay.Lie(
                        backend: { $0.asker.map(others.contains) == true ? 1 : 0 },
                        answer: { question, _ in
                            if question.asker == others[0], let envelope = try? Envelope(parsing: question.body) {
                                posted.withLock { $0 = envelope }
                            }
                            return nil
                        }))
                let here = try await world.send("this side", from: .ina)
                let there = try await world.send("that side", from: .ben)
                try await world.expectVerified(here, text: "this side", by: .clara)
                try await world.expectVerified(there, text: "that side", by: .phone)
                try await world.expectNothingSeen(by: .ina, .clara, .ben, .phone, .ada, .omar)
                #expect(try await world.nightbell(.vera, "audit", "verify").status == 0)

                // As many entries, and another tree: what two colleagues can read to each other.
                let one = try await world.nightbell(.clara, "status").json()["activity"]
                let other = try await world.nightbell(.phone, "status").json()["activity"]
                #expect(one?["size"]?.integer == other?["size"]?.integer)
                #expect(one?["short"]?.string != other?["short"]?.string)

                // A statement of that side is logged on this one: its signer had seen what never was.
                let copied = try await world.send("written on that side", from: .ben, to: .omar)
                let envelope = try #require(posted.withLock { $0 })
                let heads = world.folder + "/heads"
                #expect(try await world.nightbell(.ben, "status", "--heads", heads).status == 0)
                _ = try await world.withStoppedRelay {
                    try await world.store.log(envelope, senderMember: world.member(.ben))
                }
                world.expectCaught(try await world.nightbell(.omar, "inbox"), "seen_contradicts")
                try world.expectEvidence("seen_contradicts", by: .omar, of: "entry", "proof", "ours")
                let read = try await world.nightbell(.omar, "read", copied).json()
                #expect(read["content"]?["text"]?.string == "written on that side", "\(read)")
                #expect(read["broken"]?.array?.first?["promise"]?.string == "seen", "\(read)")
                // Sending stops, receiving does not.
                let answer = try await world.nightbell(
                    .omar, "send", "--to", "Clara", "--urgency", "routine", "--text", "no")
                #expect(answer.status == 65 && answer.code == "contradiction", "\(answer)")
                let later = try await world.send("to whom it still may concern", to: .omar)
                try await world.expectDeliveredOnce(later, text: "to whom it still may concern", to: .omar)

                try world.expectAuditFinds(
                    try await world.nightbell(.vera, "audit", "verify"), "seen_contradicts")
                try world.expectAuditFinds(
                    try await world.nightbell(.vera, "audit", "verify", "--heads", heads), "seen_contradicts",
                    "false_head")

                // A device of that side is shown this one.
                world.liar.tell(nil)
                for who in [Who.phone, .ben] {
                    let crossed = try await world.nightbell(who, "status")
                    #expect(crossed.status == 65, "\(crossed)")
                    let findings: Set = ["checkpoints_contradict", "not_consistent"]
                    #expect(!findings.isDisjoint(with: crossed.findings), "\(crossed)")
                }
                try await world.expectNothingSeen(by: .ina, .clara, .ada)
            }
        }
    }

    /// An auditor whose relay went over to another history and came back: while the proof lies in the profile, nothing that this
    /// device says of the relay is without it, an export of either side can be had, and the proof itself convicts.
    @Test func whatAnAuditorCaughtIsInEveryVerdictEverAfter() async throws {
        try await LieWorld.run { world in
            try await world.withSecondRelay {
                let ben = world.device(.ben)
                func show(_ side: Int) {
                    world.liar.tell(LyingRelay.Lie(backend: { $0.asker == ben ? 1 : side }))
                }
                show(0)
                let message = try await world.send("this side", from: .ina)
                _ = try await world.send("that side", from: .ben)
                #expect(try await world.nightbell(.vera, "audit", "verify").status == 0)

                show(1)
                let caught = try await world.nightbell(.vera, "audit", "monitor", "--once")
                world.expectCaught(caught, "checkpoints_contradict")
                let proof = try #require(caught.evidence.first)
                // People read it once, and what an auditor does with it.
                let words = try await world.person(.vera).say("audit", "monitor", "--once")
                #expect(words.err.components(separatedBy: "that cannot both be true").count == 2, "\(words.err)")
                #expect(words.err.contains("audit compare \(proof)"), "\(words.err)")
                // A question that was not answered is not taken for one that was.
                let asked = try await world.person(.vera).say(
                    "audit", "device", "\(world.device(.clara))", "--reason", "legal")
                #expect(
                    asked.status == 65
                        && asked.err.contains("the question was not answered, and no look was logged"), "\(asked)")
                let there = world.folder + "/there"
                let exported = try await world.nightbell(.vera, "audit", "export", there)
                try world.expectAuditFinds(exported, "relay_contradicts_itself")
                #expect(FileManager.default.fileExists(atPath: there + "/activity/checkpoint"), "\(exported)")
                let compared = try await world.nightbell(.vera, "audit", "compare", proof)
                #expect(compared.status == 65, "\(compared)")

                show(0)
                let verify = ["verify", "--anew"]
                for words in [verify, ["verify"], ["report", "--morning"], ["export", world.folder + "/here"]] {
                    let outcome = try await world.person(.vera).run(["audit"] + words)
                    try world.expectAuditFinds(outcome, "relay_contradicts_itself")
                    let told = try outcome.json()["findings"]?.array?.compactMap { $0["sentence"]?.string } ?? []
                    let file = try #require(proof.split(separator: "/").last)
                    #expect(told.count { $0.contains("evidence/\(file) in the profile") } == 1, "\(words): \(told)")
                    #expect(told.count { $0.contains("that cannot both be true") } == 1, "\(words): \(told)")
                }
                // A file about one message holds nothing of it: whoever hands that on is told of the proof.
                for (name, words) in [
                    ("relay", ["--reason", "legal"]), ("export", ["--export", world.folder + "/here"]),
                ] {
                    let file = "\(world.folder)/\(name).tar"
                    let made = try await world.person(.vera).run(["audit", "evidence", message, file] + words)
                    #expect(made.status == (name == "relay" ? 65 : 0), "\(made)")
                    #expect(try made.json()["held_proofs"]?.array?.first?.string == proof, "\(made)")
                    #expect(made.err.contains("NOT ONE HISTORY"), "\(made)")
                    #expect(FileManager.default.fileExists(atPath: file))
                }
                let monitored = try await world.nightbell(.vera, "audit", "monitor", "--once")
                #expect(monitored.status == 65, "\(monitored)")
                #expect(try monitored.json()["history"]?.string == "two", "\(monitored)")
                let aloud = try await world.person(.vera).say("audit", "monitor", "--once")
                #expect(aloud.out.contains("NOT ONE HISTORY") && !aloud.out.contains("  one history"), "\(aloud)")

                let checkpoint = world.folder + "/here/activity/checkpoint"
                let same = try await world.person(.vera).run(["audit", "compare", checkpoint])
                #expect(same.status == 65, "\(same)")
                #expect(try same.json()["evidence"]?.array?.first?.string == proof, "\(same)")

                // The proof is enough, with the profile's keys and with keys from elsewhere.
                let keys = try ["roster", "activity"].flatMap { log in
                    let key = try String(contentsOfFile: "\(there)/\(log)/log.vkey", encoding: .utf8)
                    return ["--log", key.trimmingCharacters(in: .whitespacesAndNewlines)]
                }
                for words in [[], keys] {
                    let compared = try await world.person(.vera).run(["audit", "compare", proof] + words)
                    #expect(compared.status == 65, "\(compared)")
                    let told = try compared.json()
                    let found = told["logs"]?.array?.flatMap { $0["contradictions"]?.array ?? [] } ?? []
                    #expect(found.contains { $0["convicts"]?.bool == true && $0["evidence"]?.array?.count == 2 })
                }
                // An export is judged by what is in it.
                let here = try await world.nightbell(.vera, "audit", "verify", "--export", world.folder + "/here")
                #expect(here.status == 0, "\(here)")
            }
        }
    }

    /// A store that is older than what was signed does not start, while its head lock is true. An operator who puts the
    /// lock back as well deceives whoever saw nothing newer, an auditor too; who did catches it at the first answer, and an
    /// auditor with the heads that those kept. With the true store everything is as it was.
    @Test func rolledBackStoreDoesNotStartOrIsCaughtByWhoeverSawMore() async throws {
        try await LieWorld.run { world in
            let old = world.folder + "/old"
            let new = world.folder + "/new"
            try await world.withStoppedRelay { try world.copyRelay(to: old) }
            let message = try await world.send("after the copy")
            try await world.expectVerified(message, text: "after the copy", by: .clara)
            try await world.relay.stop()
            try world.copyRelay(to: new)

            try world.putBack(old) { $0.hasPrefix("relay.sqlite") }
            let refused = try await #require(throws: PreparationFailed.self) { try await world.relay.start() }
            #expect("\(refused)".contains("the relay has signed"), "\(refused)")
            #expect(world.relay.child?.now.status == 65, "\(refused)")

            try world.putBack(old) { _ in true }
            try await world.relay.start()
            for who in [Who.clara, .ina] {
                let caught = try await world.nightbell(who, "status")
                world.expectCaught(caught, "rolled_back")
                // What is proven already is told again, and not kept again.
                let again = try await world.nightbell(who, "status")
                world.expectCaught(again, "rolled_back")
                #expect(again.evidence == caught.evidence)
                try world.expectEvidence("rolled_back", by: who, of: "remembered_activity", "head", "head_before")
            }
            let sent = try await world.nightbell(.ina, "send", "--to", "Clara", "--urgency", "urgent", "--text", "no")
            #expect(sent.status == 65, "\(sent)")
            try await world.expectNothingSeen(by: .ben, .omar, .ada)
            #expect(try await world.nightbell(.vera, "audit", "verify").status == 0)
            // The heads that Clara kept are of a longer log than the relay shows: a false word, one way or the other.
            let heads = world.folder + "/heads"
            #expect(try await world.nightbell(.clara, "status", "--heads", heads).status == 65)
            try world.expectAuditFinds(
                try await world.nightbell(.vera, "audit", "verify", "--heads", heads), "false_head")

            try await world.relay.stop()
            try world.putBack(new) { _ in true }
            try await world.relay.start()
            #expect(try await world.nightbell(.clara, "inbox").status == 0)
            #expect(try await world.receipts(on: message).count { $0 == "delivered \(world.device(.clara))" } == 1)
            let next = try await world.send("as if nothing had been")
            try await world.expectDeliveredOnce(next, text: "as if nothing had been")
        }
    }

    /// An event that only a later version can judge: all before it is judged, by each audit again, and all of it exported.
    @Test func eventOfALaterVersionIsExportedAndNotSkipped() async throws {
        try await LieWorld.run { world in
            let message = try #require(MessageID(try await world.send("first")))
            let lie = RelayEvent(
                organisation: world.keys.organisation, kind: .served(world.device(.omar), message, .envelope))
            let event = RelayEvent(organisation: world.keys.organisation, kind: .unanswered(message))
            let later = String(decoding: event.text, as: UTF8.self).replacing("kind unanswered", with: "kind later")
            let export = world.folder + "/export"
            // What stands behind it is a later version's to judge.
            for body in [Array(later.utf8), lie.text] {
                try await world.withStoppedRelay { _ = try await world.store.log([(body, message)]) }
                let told = try await world.nightbell(.vera, "audit", "verify")
                #expect(told.status == 78, "\(told)")
                let codes = try told.json()["findings"]?.array?.compactMap { $0["code"]?.string }
                #expect(codes == ["update_needed"], "\(told)")
            }
            #expect(try await world.nightbell(.vera, "audit", "export", export).status == 78)
            #expect(try await world.nightbell(.vera, "audit", "verify", "--export", export).status == 78)
        }
    }

    @Test func eventOfALaterVersionHidesNoLie() async throws {
        try await LieWorld.run { world in
            let message = try #require(MessageID(try await world.send("first")))
            let organisation = world.keys.organisation
            let lie = RelayEvent(organisation: organisation, kind: .served(world.device(.omar), message, .envelope))
            let later = Array("nightbell.event/v11\norg \(organisation)\n".utf8)
            try await world.withStoppedRelay { _ = try await world.store.log([(lie.text, message), (later, nil)]) }
            let export = world.folder + "/export"
            for words in [["verify"], ["export", export], ["verify"], ["verify", "--export", export]] {
                let told = try await world.person(.vera).run(["audit"] + words)
                try world.expectAuditFinds(told, "served_to_stranger", "update_needed")
            }
        }
    }
}

extension LieWorld {
    /// Replaces files of the stopped relay's data directory by those of a copy.
    fileprivate func putBack(_ copy: String, where isWanted: (String) -> Bool) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: relay.data) where isWanted(name) {
            try files.removeItem(atPath: relay.data + "/" + name)
        }
        for name in try files.contentsOfDirectory(atPath: copy) where isWanted(name) {
            try files.copyItem(atPath: copy + "/" + name, toPath: relay.data + "/" + name)
        }
    }
}
