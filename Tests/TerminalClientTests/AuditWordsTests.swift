import AuditSupport
import DeviceKit
import SignerSupport
import Statements
import Testing

@testable import Auditing
@testable import TerminalClient

/// What an audit tells people of a message: the same words in every place, and what its furthest step hides.
@Suite struct AuditWordsTests {
    /// A call that is handed on, one that is answered late, one that is closed unread, one that is declined.
    private static func story() -> World {
        let world = World.practice()
        let handed = world.play("handed", to: "bo", [.delivered, .read, .disclosed])
        world.send("carried", from: "bo", to: "bo", carrying: handed)
        world.receipt(.handedOff, of: handed, by: "bo")
        let late = world.play("late", to: "bo", lifeSeconds: 60, urgency: .emergent, [.delivered, .read])
        world.now = late.expires
        world.unanswered(late)
        world.wait(seconds: 30)
        world.receipt(.acknowledged, of: late, by: "bo")
        world.play("unread", to: "bo", urgency: .sameDay, [.delivered, .closed])
        world.play("declined", to: "bo", lifeSeconds: 7_200, urgency: .sameDay, [.delivered, .declined])
        return world
    }

    @Test func aStateSaysWhatWasLateOrUnread() async throws {
        let verdict = try await Self.story().audit()
        let expired = World.practice()
        let sent = expired.play("expired", to: "bo", lifeSeconds: 60, [.delivered])
        expired.now = sent.expires
        expired.unanswered(sent)
        let messages = verdict.messages + (try await expired.audit().messages)
        #expect(
            messages.map { AuditMessagesCommand.state($0) } == [
                "handed off", "waiting", "acknowledged, LATE: it had expired unanswered", "closed UNREAD", "declined",
                "delivered, unanswered",
            ])
    }

    @Test func fromWhereAnAuditVerifiedIsSaid() async throws {
        let world = World.practice()
        let store = MemoryAuditStore(isKept: true)
        var audit = Audit()
        let first = AuditReport(try await audit.run(world.source, store: store))
        #expect(first.human.contains("replayed      all entries of the activity log, from the first\n"))
        #expect(first.whole["replayed_from"]?.integer == 0)
        let before = world.activity.size
        world.wait(seconds: 1)
        world.send("new")
        let second = AuditReport(try await audit.run(world.source, store: store))
        let new = world.activity.size - before
        #expect(
            second.human.contains(
                "replayed      \(before) entries of the activity log were verified before, \(new) new ones now\n"))
        #expect(second.whole["replayed_from"]?.integer == Int64(before))
        audit.isAnew = true
        let anew = AuditReport(try await audit.run(world.source, store: store))
        #expect(anew.human.contains("all entries of the activity log, from the first"))
    }

    @Test func aDaysLineSaysHowManyOfItsMessagesAreMarked() async throws {
        let verdict = try await Self.story().audit()
        #expect(
            AuditReport(verdict).human.contains(
                "0 unexplained; of these 1 declined, and nobody takes them, 1 answered only after they had expired, 1 closed unread"
            ))
        let plain = World.practice()
        plain.play("read", to: "bo", [.delivered, .read, .closed])
        #expect(!AuditReport(try await plain.audit()).human.contains("of these"))
    }

    @Test func aHistoryHasTheWordsOfEveryOtherPlace() async throws {
        let verdict = try await Self.story().audit()
        func human(_ number: Int) -> String {
            let message = verdict.messages[number]
            return MessageReport(message, AuditReport(verdict), FollowUps(message, among: verdict.messages)).human
        }
        #expect(human(0).contains("  let out  bo  dev-") && human(0).contains("  saved a file  bo  dev-"))
        #expect(human(3).contains(" UNREAD") && human(3).contains("same day, expires"))
        for number in verdict.messages.indices {
            #expect(!human(number).contains("served") && !human(number).contains("_"), "\(human(number))")
        }
    }

    /// Whoever reads one message's history sees that somebody answered it with words.
    @Test func aHistoryTellsWhatAnswersIt() async throws {
        let world = World.practice()
        let asked = world.play("asked", to: "bo", [.delivered, .read])
        let reply = world.send("reply", from: "bo", to: "ivy", reference: .inReplyTo(asked.message))
        let verdict = try await world.audit()
        let told = verdict.messages.map {
            MessageReport($0, AuditReport(verdict), FollowUps($0, among: verdict.messages))
        }
        #expect(told[0].human.contains("answered in \(reply.message), by bo  entry \(reply.index)"), "\(told[0].human)")
        #expect(told[0].object["replies"]?.array?.map { $0["message"]?.string } == ["\(reply.message)"])
        #expect(told[0].object["replies"]?.array?.first?["name"]?.string == "bo")
        #expect(told[1].object["replies"]?.array?.isEmpty == true && !told[1].human.contains("answered in"))
    }

    // MARK: Evidence

    /// The events of one message, as a file of evidence proves them.
    private static func summary(_ name: String, in world: World) throws -> [String] {
        var verdict = EvidenceVerdict()
        verdict.view = world.view
        for (index, bytes) in world.activity.entries.enumerated() {
            let entry = try Entry(parsing: bytes)
            let kind: EvidenceVerdict.Event.Kind
            switch try ActivityStatement(parsing: entry.body) {
            case .manifest(let manifest, _) where manifest.message == .named(name): kind = .manifest(manifest)
            case .receipt(let receipt, _) where receipt.message == .named(name): kind = .receipt(receipt)
            case .event(let event) where event.message == .named(name): kind = .event(event)
            default: continue
            }
            verdict.events.append(EvidenceVerdict.Event(index: UInt64(index), logged: entry.time, kind: kind))
        }
        return EvidenceWords(verdict: verdict).summary
    }

    @Test func inShortSaysWhatWasLateOrUnread() throws {
        let world = Self.story()
        let late = try Self.summary("late", in: world)
        #expect(late.contains { $0.hasPrefix("expired unanswered after 1 min 0 s ") })
        #expect(late.last?.hasPrefix("first acknowledged by bo [") == true)
        #expect(late.last?.hasSuffix(", LATE: it had expired unanswered") == true)
        let unread = try Self.summary("unread", in: world)
        #expect(unread.last?.hasSuffix("nobody had read it or taken it up") == true, "\(unread)")
        #expect(try !Self.summary("handed", in: world).joined().contains("LATE"))
    }

    @Test func nothingIsSaidToBeCompleteThatMayGoOn() {
        let words = EvidenceWords(verdict: EvidenceVerdict())
        let device = DeviceID.named("bo")
        #expect(
            words.text(EvidenceVerdict.Numbers(device: device, numbers: [1, 2]))
                == "of the unknown device \(device) the file holds receipts 1, 2; none below 2 is missing; later ones may exist"
        )
        let later = words.text(EvidenceVerdict.Numbers(device: device, numbers: [2]))
        #expect(later.hasSuffix("about other messages; later ones may exist"))
    }

    @Test func anotherTextOfHowToCheckEvidenceIsTold() {
        var verdict = EvidenceVerdict()
        #expect(!EvidenceWords(verdict: verdict).limits.contains { $0.contains("README.txt") })
        verdict.hasOtherReadme = true
        #expect(
            EvidenceWords(verdict: verdict).limits.last?.contains("README.txt is right: it is NOT the text") == true)
    }

    // MARK: The report

    private static func text(
        _ world: World, from: String = "2026-11-23", morning: Bool = true
    ) async throws -> String {
        let verdict = try await world.audit()
        let request = ReportRequest(
            period: ReportPeriod(from: from, to: from, zone: .utc)!, zone: .utc, generated: world.now, isPresent: true)
        return ReportText(try PeriodReport(verdict, request), isMorning: morning).text(columns: nil)
    }

    @Test func aMorningTellsFirstWhatSomebodyMustDoSomethingAbout() async throws {
        let text = try await Self.text(Self.story())
        let heads = text.split(separator: "\n").filter { $0.hasSuffix(")") && $0.first?.isUppercase == true }
            .filter { !$0.hasPrefix("Morning") }
        #expect(
            heads.map { $0.prefix { $0 != "(" } } == [
                "DECLINED, NOBODY TAKES THEM ", "NO ANSWER YET AND NOT DECLINED ", "EXPIRED UNANSWERED, ANSWERED LATE ",
                "CLOSED UNREAD ", "ACKNOWLEDGED, NOT CLOSED ", "HANDED OFF ", "CLOSED ",
                "MEMBERS, DEVICES, KEYS AND WITNESSES ",
            ])
        #expect(text.contains("CAME AS FAR AS") && text.contains("EXPIRES"))
        #expect(text.contains("acknowledged, LATE: it had expired") && text.contains("closed UNREAD"))
        #expect(text.contains("every promise of the relay that the logs can show was kept (what clinicians promised"))
        #expect(text.contains("; of these 1 declined, and nobody takes them"))
        #expect(text.contains("audit key set"))
    }

    @Test func whatNoDeviceIsLeftForIsSaidToBe() async throws {
        let world = World.practice()
        world.play("waits", to: "bo", [.delivered])
        world.play("taken", to: "bo", [.delivered, .acknowledged])
        #expect(try await !Self.text(world).contains("NO DEVICE LEFT"))
        world.wait(seconds: 1)
        for device in ["bo", "tablet"] { world.revoke(device) }
        let text = try await Self.text(world)
        #expect(text.contains("delivered, NO DEVICE LEFT") && text.contains("acknowledged, NO DEVICE LEFT"))
    }

    @Test func aPeriodBeforeTheOrganisationIsSaidToBeOne() async throws {
        let text = try await Self.text(World.practice(), from: "2025-11-23", morning: false)
        #expect(text.contains("The organisation was founded on 2026-11-23 03:07, after this period"))
    }
}
