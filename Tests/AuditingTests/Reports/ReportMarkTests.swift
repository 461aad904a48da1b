import Foundation
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// What an outcome alone does not say of a message: that it was declined, answered late, or closed unread.
@Suite struct ReportMarkTests {
    /// One emergent message that was acknowledged only after it had been logged as unanswered.
    private static func late() -> (world: World, sent: Sent) {
        let world = World.practice()
        let sent = world.play("late", to: "bo", lifeSeconds: 240, urgency: .emergent, [.delivered])
        world.now = max(world.now, sent.expires)
        world.unanswered(sent)
        world.wait(seconds: 30)
        world.receipt(.acknowledged, of: sent, by: "bo")
        return (world, sent)
    }

    private static func acknowledged(_ report: PeriodReport) throws -> PeriodReport.Row {
        let measured = try #require(report.measures.first { $0.measure == .acknowledge })
        return try #require(measured.rows.first)
    }

    private static func page(_ report: PeriodReport, _ kind: ReportPage.Kind = .period) -> String {
        String(decoding: ReportPage(report, kind: kind).bytes, as: UTF8.self)
    }

    /// One table of a page.
    private static func table(_ name: String, _ page: String) throws -> Substring {
        let start = try #require(page.range(of: #"<table id="\#(name)""#)).lowerBound
        let end = try #require(page[start...].range(of: "</table>")).upperBound
        return page[start..<end]
    }

    /// The rows of `messages.csv`, by the columns' keys.
    private static func messages(_ report: PeriodReport, _ verdict: AuditVerdict) throws -> [[String: String]] {
        let table = try #require(report.tables.first { $0.name == "messages" })
        var rows: [[String: String]] = []
        try ReportFolder.rows(of: table.name, report, verdict) { cells in
            let fields = try ReportTextTests.read(CSVText.row(cells))[0]
            rows.append(Dictionary(uniqueKeysWithValues: zip(table.columns.map(\.key), fields)))
        }
        return rows
    }

    @Test func whatWasAnsweredLateCountsOnceIsMarkedAndMissesItsTarget() async throws {
        // 270 s after its acceptance: within the policy's 300 s, and after it had expired.
        let (world, sent) = Self.late()
        let (report, verdict) = try await world.report()
        #expect(verdict.ok && verdict.messages.first?.marks == [.late])
        let day = try #require(verdict.days.first)
        #expect((day.manifests, day.acknowledged, day.unanswered, day.unexplained) == (1, 1, 0, 0))
        #expect((day[.late], day[.declined], day[.closedUnread]) == (1, 0, 0))
        #expect((report.total.messages, report.total[.acknowledged], report.total[.unanswered]) == (1, 1, 0))
        #expect(report.total[.late] == 1 && report.takenUp == 1 && report.unexplained == 0)
        #expect(report.listed(.marked(.late)).first.map(\.message) == [sent.message])
        let row = try Self.acknowledged(report)
        #expect((row.targetSeconds, row.times.median, row.met, row.due) == (300, 270_000, 0, 1))
        let page = Self.page(report)
        for words in [
            "<b>0</b> expired unanswered; 1 more answered late", "Answered only after they had expired",
            "1 acknowledged and not closed; of these 1 answered only after it had expired.",
        ] { #expect(page.contains(words), "\(words)") }
        #expect(!page.contains("Nothing: every message"))
        #expect(Self.page(report, .morning).contains("acknowledged, LATE: it had expired"))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(json.contains(#""marked":{"declined":0,"taken_late":1,"closed_unread":0}"#))
        #expect(
            json.contains(#""taken_late":[{"message":"\#(sent.message)""#) && json.contains(#""marks":["taken_late"]"#))
    }

    /// Nobody can answer it in time any more, however much of the policy's time is left.
    @Test func whatExpiredUnansweredHasMissedItsTargetAtOnce() async throws {
        let world = World.practice()
        let sent = world.play("expired", to: "bo", lifeSeconds: 60, urgency: .urgent, [.delivered])
        world.now = sent.expires
        world.unanswered(sent)
        for present in [true, false] {
            let row = try Self.acknowledged(try await world.report(present: present).report)
            #expect((row.targetSeconds, row.times.count, row.met, row.due) == (900, 0, 0, 1))
        }
    }

    @Test func whatWasClosedUnreadIsNoSuccess() async throws {
        let world = World.practice()
        let unread = world.play("unread", to: "bo", [.delivered, .closed])
        world.play("read", to: "bo", [.delivered, .read, .closed])
        world.play("acknowledged", to: "bo", [.delivered, .acknowledged, .closed])
        let (report, verdict) = try await world.report()
        #expect(verdict.ok && verdict.days.map { $0[.closedUnread] } == [1])
        #expect(report.total[.closed] == 3 && report.total[.closedUnread] == 1 && report.takenUp == 2)
        #expect(report.listed(.marked(.closedUnread)).first.map(\.message) == [unread.message])
        let row = try Self.acknowledged(report)
        #expect((row.messages, row.times.count, row.met) == (3, 2, 2))
        let close = try #require(report.measures.first { $0.measure == .close }?.rows.first)
        #expect((close.messages, close.times.count, close.met) == (3, 2, 2))
        // What nobody signed is in no column.
        let columns = try Self.messages(report, verdict)
        func column(_ key: String) -> [String] { columns.map { $0[key]! } }
        #expect(column("marks") == ["closed_unread", "", ""])
        #expect(
            column("acknowledged_by") == ["", "", "bo"] && column("acknowledged").map(\.isEmpty) == [true, true, false])
        #expect(
            column("taken_up_by") == ["", "bo", "bo"] && column("taken_up_with") == ["", "closed", "acknowledged"])
        #expect(column("closed").allSatisfy { !$0.isEmpty })
        let page = Self.page(report)
        #expect(page.contains("Closed, and nobody had read them or taken them up: 1"))
        // Who closed it stands in its list, though nobody took it up.
        #expect(try Self.table("closed_unread", page).contains(#"<td class="name" dir="auto">bo</td></tr>"#))
        #expect(column("closed_by") == ["bo", "bo", "bo"])
        #expect(page.contains("closing it unread does not count") && page.contains("nor its time to close is taken"))
        #expect(page.contains("<b>1</b> closed unread") && Self.page(report, .morning).contains("closed UNREAD"))
    }

    /// Somebody must find another one now: it stands before everything that merely waits, the most urgent first.
    @Test func whatWasDeclinedStandsApartFromWhatWaits() async throws {
        let world = World.practice()
        world.play("waits", to: "bo", urgency: .routine, [.delivered])
        let declined = ["first": Urgency.sameDay, "second": .emergent, "third": .sameDay].sorted { $0.key < $1.key }
            .map { world.play($0.key, to: "bo", urgency: $0.value, [.delivered, .read, .declined]).message }
        let taken = world.play("taken", to: "bo", [.delivered, .declined, .acknowledged]).message
        let (report, verdict) = try await world.report()
        #expect(verdict.ok && report.total[.open] == 4 && report.total[.declined] == 3)
        #expect(report.listed(.waiting).first.map(\.message) == [.named("waits")])
        let order = [declined[1], declined[0], declined[2]]
        #expect(report.listed(.marked(.declined)).first.map(\.message) == order)
        #expect(report.listed(.outcome(.open)).first.map(\.message) == order + [.named("waits")])
        #expect(report.listed(.outcome(.acknowledged)).first.map(\.message) == [taken])
        let page = Self.page(report)
        let first = try #require(page.range(of: "Declined, and nobody takes them: 3"))
        // One figure for one thing: what is called otherwise is counted otherwise.
        let open = try #require(page.range(of: "Without an answer yet and not declined: 1"))
        #expect(page.contains("<b>4</b> without an answer yet, 3 of them declined<"))
        #expect(first.lowerBound < open.lowerBound)
        #expect(page.contains("<b>3</b> declined, and nobody takes them") && page.contains("Of these declined"))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        let list = try #require(json.range(of: #""open":[{"message":"\#(declined[1])""#))
        #expect(json[list.lowerBound...].contains("\(MessageID.named("waits"))"))
    }

    /// Whoever must find another one asks first who said no, when and why.
    @Test func whoDeclinedIsToldWithTheTimeAndTheReason() async throws {
        let world = World.practice()
        world.play("declined", to: "bo", [.delivered, .declined])
        let at = world.now
        let (report, verdict) = try await world.report()
        let line = try #require(report.listed(.marked(.declined)).first.first)
        #expect(line.told == line.declined && line.declined?.member == .named("bo") && line.declined?.time == at)
        #expect(line.declined?.reason == "not_mine" && line.answered == nil)
        let row = try #require(try Self.messages(report, verdict).first)
        #expect([row["declined"], row["declined_by"], row["declined_reason"]] == ["\(at)", "bo", "not_mine"])
        #expect(row["declined_by_member"] == "\(MemberID.named("bo"))" && row["taken_up_by"] == "")
        let list = try Self.table("declined", Self.page(report))
        #expect(list.contains(#"<td class="name" dir="auto">bo</td><td class="word" dir="auto">not mine</td>"#))
        #expect(list.contains(#"<time datetime="\#(at)">"#))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(
            json.contains(
                #""declined":{"time":"\#(at)","device":"\#(DeviceID.named("bo"))","member":"\#(MemberID.named("bo"))","name":"bo","#
                    + #""action":"declined","reason":"not_mine","device_revoked":null}"#))
    }

    /// An emergent call that nobody answered is looked at before an urgent one that somebody declined.
    @Test func theListWithTheMostUrgentMessageStandsFirst() async throws {
        let world = World.practice()
        world.play("declined", to: "bo", urgency: .urgent, [.delivered, .declined])
        world.play("waits", to: "bo", urgency: .urgent, [.delivered])
        #expect(try await world.report().report.leftLists.prefix(2) == [.marked(.declined), .waiting])
        let sent = world.play("expired", to: "bo", lifeSeconds: 60, urgency: .emergent, [.delivered])
        world.now = max(world.now, sent.expires)
        world.unanswered(sent)
        let report = try await world.report().report
        #expect(report.leftLists.prefix(3) == [.outcome(.unanswered), .marked(.declined), .waiting])
        let page = Self.page(report)
        let places = try [#"id="unanswered""#, #"id="declined""#, #"id="open""#].map { name in
            try #require(page.range(of: name)).lowerBound
        }
        #expect(places == places.sorted())
        // What nobody answered is before what was declined only where it is as urgent.
        let other = World.practice()
        let routine = other.play("expired", to: "bo", lifeSeconds: 60, urgency: .routine, [.delivered])
        other.now = max(other.now, routine.expires)
        other.unanswered(routine)
        other.play("declined", to: "bo", urgency: .urgent, [.delivered, .declined])
        #expect(try await other.report().report.leftLists.prefix(2) == [.marked(.declined), .outcome(.unanswered)])
    }

    /// Half of them expired before: then late, or closed without a look, or both.
    @Test func whateverIsMarkedADaysMessagesAddUp() async throws {
        let world = World.practice()
        var numbers = SeededNumbers(11)
        for number in 0..<40 {
            let sent = world.play("\(number)", to: "bo", lifeSeconds: 120, [.delivered])
            if Bool.random(using: &numbers) { world.now = max(world.now, sent.expires) }
            for due in world.open where due.expires <= world.now { world.unanswered(due) }
            for action in [ReceiptAction.read, .declined, .acknowledged, .closed]
            where Int.random(in: 0..<3, using: &numbers) > 0 {
                world.wait(seconds: 1)
                world.receipt(action, of: sent, by: "bo")
            }
        }
        world.play("declined", to: "bo", [.delivered, .declined])
        let (report, verdict) = try await world.report(to: "2026-11-24")
        #expect(verdict.ok && verdict.days.map(\.manifests).reduce(0, +) == 41)
        #expect(verdict.days.allSatisfy { $0.unexplained == 0 })
        for (day, audited) in zip(report.days, verdict.days) {
            #expect(day.messages == audited.manifests && day[.unexplained] == 0)
            for mark in MessageMark.allCases { #expect(day[mark] == audited[mark]) }
        }
        for mark in MessageMark.allCases {
            #expect(report.total[mark] > 0 && report.total[mark] == verdict.messages.count { $0.marks.contains(mark) })
        }
    }

    /// What came before the period is counted for itself.
    @Test func whatWaitsFromBeforeIsNotCountedAmongThePeriods() async throws {
        let world = World.practice()
        world.play("old", to: "bo", lifeSeconds: 172_800, [.delivered])
        world.wait(seconds: 86_400)
        world.play("new", to: "bo", [.delivered])
        let page = Self.page(try await world.report(from: "2026-11-24", to: "2026-11-24").report)
        #expect(page.contains("<b>1</b> without an answer yet; 1 more from before<"))
    }

    /// Its sender was told to call by telephone: nobody has it any more, whatever was promised.
    @Test func whatNoDeviceIsLeftForIsSaidToBe() async throws {
        let world = World.practice()
        let waits = world.play("waits", to: "bo", [.delivered])
        world.play("acknowledged", to: "bo", [.delivered, .acknowledged])
        world.play("closed", to: "bo", [.delivered, .closed])
        let before = Self.page(try await world.report().report, .morning)
        #expect(!before.contains("NO DEVICE LEFT"))
        world.wait(seconds: 1)
        for device in ["bo", "tablet"] { world.revoke(device) }
        let (report, verdict) = try await world.report()
        #expect(verdict.ok)
        let lines = report.listed(.all).first
        #expect(lines.map(report.isOutOfReach) == [true, true, false])
        let page = Self.page(report, .morning)
        #expect(page.contains("no answer yet, NO DEVICE LEFT") && page.contains("acknowledged, NO DEVICE LEFT"))
        #expect(page.contains("delivered, NO DEVICE LEFT") && !page.contains("closed, NO DEVICE LEFT"))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        let line = try #require(json.range(of: #""open":[{"message":"\#(waits.message)""#))
        #expect(json[line.lowerBound...].contains(#""no_device_left":true"#))
        #expect(try Self.messages(report, verdict).map { $0["no_device_left"] } == ["yes", "yes", "no"])
        // Whoever reads columns by their places finds them where they were.
        let table = try #require(report.tables.first { $0.name == "messages" })
        #expect(
            table.columns.map(\.key).dropLast(8).suffix(8) == [
                "taken_up_with", "no_device_left", "declined", "declined_by", "declined_by_member", "declined_reason",
                "closed_by", "closed_by_member",
            ])
        #expect(
            table.columns.map(\.key).suffix(8)
                == ["acknowledged", "taken_up", "declined", "closed"].flatMap {
                    ["\($0)_device_revoked", "\($0)_device_revoked_reason"]
                })
    }

    @Test(arguments: [
        (0, 0, "–"), (0, 3, "0 %"), (3, 8, "38 %"), (1, 8, "13 %"), (1, 3, "33 %"), (2, 3, "67 %"), (199, 200, "99 %"),
        (200, 200, "100 %"),
    ]) func aShareIsRoundedAndOnlyAllIsAll(_ count: Int, _ all: Int, _ words: String) {
        #expect(PageTables.percent(count, of: all) == words)
    }

    /// A call that was handed on is two messages: the page says that it may have been taken up twice.
    @Test func aCallThatWasHandedOnIsSaidToCountTwice() async throws {
        let world = World.practice()
        let sent = world.play("call", to: "bo", [.delivered, .read])
        world.send("carried", from: "bo", to: "bo", carrying: sent)
        world.receipt(.handedOff, of: sent, by: "bo")
        let page = Self.page(try await world.report().report)
        #expect(page.contains("1 of all carries another one on: a call that was handed on counts as several messages"))
        #expect(!Self.page(try await World.littleStory().report().report).contains("counts as several messages"))
    }
}
