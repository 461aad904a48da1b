import Foundation
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// What came to pass in a period, of messages that were accepted before it: a call that is left to expire does so the day after.
@Suite struct OlderMessageTests {
    private static let day: Int64 = 86_400

    /// Messages of 23 November, each with what became of it on the 24th.
    private static func story() -> World {
        let world = World.practice()
        let (expired, late) = (
            world.play("expired", to: "bo", lifeSeconds: day, [.delivered]),
            world.play("late", to: "bo", lifeSeconds: day, [.delivered])
        )
        let (closed, declined) = (
            world.play("closed", to: "bo", lifeSeconds: 9 * day, urgency: .sameDay, [.delivered]),
            world.play("declined", to: "bo", lifeSeconds: 9 * day, urgency: .sameDay, [.delivered])
        )
        world.play("waits", to: "bo", lifeSeconds: 9 * day, urgency: .routine, [.delivered, .read])
        world.play("acknowledged", to: "bo", lifeSeconds: 9 * day, [.delivered, .acknowledged])
        // Told by the report of its own day.
        let before = world.play("before", to: "bo", lifeSeconds: 60, [.delivered])
        world.now = max(world.now, before.expires)
        world.unanswered(before)
        world.wait(seconds: day)
        for sent in [expired, late] { world.unanswered(sent) }
        world.wait(seconds: 30)
        world.receipt(.acknowledged, of: late, by: "bo")
        world.receipt(.closed, of: closed, by: "bo")
        world.receipt(.declined, of: declined, by: "bo")
        return world
    }

    private static let lists: [(list: ReportList, name: String)] = [
        (.olderOutcome(.unanswered), "expired"), (.olderMarked(.declined), "declined"), (.olderMarked(.late), "late"),
        (.olderMarked(.closedUnread), "closed"), (.olderWaiting, "waits"),
    ]

    private static func report(_ world: World, _ day: String = "2026-11-24") async throws -> (
        PeriodReport, AuditVerdict
    ) {
        try await world.report(from: day, to: day)
    }

    @Test func whatExpiresTheDayAfterStandsInThatDaysReport() async throws {
        let (report, verdict) = try await Self.report(Self.story())
        #expect(verdict.ok && report.total.messages == 0)
        for (list, name) in Self.lists {
            #expect(report.listed(list).first.map(\.message) == [.named(name)], "\(name)")
        }
        #expect(Set(report.listed(.olderOpen).first.map(\.message)) == [.named("declined"), .named("waits")])
        #expect(report.leftLists.prefix(2) == [.olderOutcome(.unanswered), .olderMarked(.declined)])
        #expect(
            report.olderWords
                == "1 expired unanswered, 1 declined, and nobody takes it, 1 answered only after it had expired, "
                + "1 closed unread, 1 without an answer yet")
    }

    /// By acceptance, as before: no message counts twice.
    @Test func theCountsOfNoDayChangeForIt() async throws {
        let (first, _) = try await Self.report(Self.story(), "2026-11-23")
        #expect(first.total.messages == 7 && first.total[.unanswered] == 2 && first.total[.late] == 1)
        #expect(!first.hasOlder && first.olderWords == "")
        // What came to pass on the 24th was told then.
        let (third, _) = try await Self.report(Self.story(), "2026-11-25")
        #expect(ReportList.older.filter { !third.listed($0).isEmpty } == [.olderMarked(.declined), .olderWaiting])
    }

    @Test func whatIsGivenUpForItsLastDeviceTheDayAfterIsTold() async throws {
        let world = World.practice()
        world.send("given up", lifeSeconds: 9 * Self.day)
        world.wait(seconds: Self.day)
        world.revoke("tablet")
        #expect(try await Self.report(world).0.listed(.olderWaiting).count == 1)
        world.wait(seconds: Self.day)
        world.revoke("bo")
        let report = try await Self.report(world, "2026-11-25").0
        #expect(report.listed(.olderOutcome(.undeliverable)).first.map(\.message) == [.named("given up")])
        // The last device alone makes it so.
        #expect(try await !Self.report(world).0.hasOlder)
    }

    @Test func everyFormHasThem() async throws {
        let (report, verdict) = try await Self.report(Self.story())
        for kind in [ReportPage.Kind.period, .morning] {
            let page = String(decoding: ReportPage(report, kind: kind).bytes, as: UTF8.self)
            for words in [
                "From before the period, in it: expired, and nobody had answered: 1",
                "From before the period, declined, and nobody takes them: 1",
                "From before the period, in it: answered only after they had expired, and nobody had answered: 1",
                "From before the period, in it: closed, and nobody had read them or taken them up: 1",
                "From before the period, and without an answer yet and not declined: 1",
                "<li class=\"look\"><b>0</b> expired unanswered; 2 more from before</li>",
                "From before the period, and in none of these counts, which go by acceptance: 1 expired unanswered,",
            ] { #expect(page.contains(words), "\(words)") }
            #expect(!page.contains("Nothing: every message"))
        }
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(try report.document(verdict).bytes)) as? [String: Any])
        let counts = (json["messages"] as? [String: Any])?["older"] as? [String: Int]
        for (list, name) in Self.lists.dropLast() {
            let key = try #require(list.olderName)
            let told = (json[key] as? [[String: Any]])?.map { $0["message"] as? String }
            #expect(told == ["\(MessageID.named(name))"] && counts?[key] == 1, "\(key)")
        }
        #expect((json["older_open"] as? [Any])?.count == 2)
        var lines: [[String: Any]] = []
        try ReportLines(report).write(verdict) {
            lines.append(try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]))
        }
        let older = lines.filter { $0["type"] as? String == "older_message" }
        #expect(
            older.map { $0["lists"] as? [String] ?? [] } == [
                ["older_unanswered"], ["older_taken_late"], ["older_closed_unread"], ["older_open", "older_declined"],
                ["older_open"],
            ])
        #expect(lines.last?["older_messages"] as? Int == 5 && lines.last?["messages"] as? Int == 0)
        var rows: [String: Int] = [:]
        for table in ["older_missed", "older_open"] {
            #expect(report.tables.contains { $0.name == table })
            try ReportFolder.rows(of: table, report, verdict) { _ in rows[table, default: 0] += 1 }
        }
        #expect(rows == ["older_missed": 3, "older_open": 2])
        let summary = String(decoding: CSVText.of(ReportFolder.summary(report)), as: UTF8.self)
        #expect(summary.contains("older_unanswered,1\r\nolder_declined,1\r\n"))
    }

    /// A reply asks for no answer: it is said to be one, in the lists and in the count.
    @Test func aReplyThatWasNotFetchedIsNoCallWithoutAnAnswer() async throws {
        let world = World.practice()
        let sent = world.play("asked", to: "bo", [.delivered])
        world.send("reply", from: "bo", to: "ivy", reference: .inReplyTo(sent.message))
        let (report, verdict) = try await world.report()
        #expect(report.total[.open] == 2 && report.waitingReplies == 1)
        #expect(report.phrase(.open) == "2 without an answer yet (1 of them a reply, not fetched yet)")
        #expect(report.phrase(.closed) == "0 closed")
        let page = String(decoding: ReportPage(report).bytes, as: UTF8.self)
        #expect(page.contains("<b>2</b> without an answer yet, 1 unfetched reply<"))
        #expect(page.contains("2 without an answer yet (1 of them a reply, not fetched yet)."))
        #expect(page.contains(">waiting; a reply</td>"))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(json.contains(#""open_replies":1"#))
    }

    /// Who said no, when and why stands beside what expired for it.
    @Test func whoDeclinedWhatExpiredIsToldOnThePage() async throws {
        let world = World.practice()
        let sent = world.play("expired", to: "bo", lifeSeconds: 60, [.delivered, .declined])
        world.now = max(world.now, sent.expires)
        world.unanswered(sent)
        let report = try await world.report().report
        let page = String(decoding: ReportPage(report).bytes, as: UTF8.self)
        let start = try #require(page.range(of: #"<table id="unanswered""#)).upperBound
        let end = try #require(page[start...].range(of: "</table>")).lowerBound
        #expect(page[start..<end].contains(#">bo</td><td class="word" dir="auto">not mine</td>"#))
    }
}
