import DeviceKit
import Foundation
import FuzzSupport
import Statements
import Testing

@testable import TerminalClient

/// How wide, how long, and when: what tables and lists are made of.
@Suite struct TextTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("Grüße", 5), ("e\u{301}", 1), ("你好", 4), ("ｆ", 2), ("🚑", 2), ("한", 2), ("a\u{200B}b", 2),
        ("→", 1), ("…", 1),
    ])
    func widthIsThatOfTheTerminal(_ text: String, _ columns: Int) {
        #expect(TextWidth.of(text) == columns)
    }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("你好吗", 5, "你好…"), ("你好吗", 4, "你…"), ("abc", 1, "…"),
        ("abc", 0, ""),
    ])
    func whatIsTooWideEndsInAnEllipsis(_ text: String, _ columns: Int, _ shown: String) {
        let fitted = TextWidth.fitting(text, columns)
        #expect(fitted == shown)
        #expect(TextWidth.of(fitted) <= columns)
    }

    @Test func columnsOfATableAreStraightWhateverStandsInThem() {
        let text = Table.text(["NAME", "STATE"], [["Dr. 李", "read"], ["Zoë", "waiting"], ["", "closed"]])
        #expect(text == "NAME    STATE\nDr. 李  read\nZoë     waiting\n        closed")
    }

    @Test func aTableGivesWayInOneColumn() {
        let rows = [["msg-1", "A very long name of a member", "read"]]
        let lines = Table(["ID", "FROM", "STATE"], rows).text(
            columns: 30, Table.Narrowing(cut: [(column: 1, least: 4, shortening: .text)])
        ).split(separator: "\n")
        #expect(lines.allSatisfy { TextWidth.of(String($0)) <= 30 })
        #expect(lines[1] == "msg-1  A very long nam…  read")
    }

    /// Two people of one surname and one initial, and somebody whose whole name is what both could be shortened to.
    @Test(arguments: [60, 40, 30, 20])
    func twoPeopleOfATableAreNeverOne(_ columns: Int) {
        let people = ["Dr. Marcus Hill", "Dr. Maxine Hill", "Dr. M. Hill", "Dr. Noor Haddad", "Hill"]
        let rows = people.flatMap { from in people.map { [from, $0] } }
        let narrowing = Table.Narrowing(cut: [
            (column: 0, least: 6, shortening: .name), (column: 1, least: 10, shortening: .name),
        ])
        let lines = Table(["FROM", "TO"], rows).text(columns: columns, narrowing).split(separator: "\n").dropFirst()
        let shown = lines.map { $0.split(separator: "  ").map { $0.drop { $0 == " " } } }
        var meant: [Substring: Set<String>] = [:]
        for (row, cells) in zip(rows, shown) {
            for (name, cell) in zip(row, cells) { meant[cell, default: []].insert(name) }
        }
        #expect(meant.allSatisfy { $0.value.count == 1 }, "\(meant)")
        #expect(shown.allSatisfy { $0.count == 2 } && shown.count == rows.count)
        if columns < 30 {
            #expect(meant["Mar. Hill"] == ["Dr. Marcus Hill"] && meant["N. Haddad"] == ["Dr. Noor Haddad"])
        }
    }

    @Test func idsAreAsShortAsTheyStayApart() {
        let ids = ["msg-aaaaaaaaaaaaaa1", "msg-aaaaaaaaaaaaab2", "msg-bcdefghijklmnop", "msg-bcdefghijklmnop"]
        let short = ShortIDs(ids)
        #expect(ids.map(short.short) == ["msg-aaaaaaaaaaaaaa", "msg-aaaaaaaaaaaaab", "msg-bcdefghi", "msg-bcdefghi"])
        for id in ids { #expect(Set(ids).count { $0.hasPrefix(short.short(id)) } == 1) }
        #expect(short.short("msg-aaaaaaaaaaaaaa0") == "msg-aaaaaaaaaaaaaa0")
        #expect(ShortIDs([String]()).short("dev-zzzzzzzzzzzz") == "dev-zzzzzzzz")
    }

    /// Neighbours in order say as much as all the others would.
    @Test(arguments: 1...20)
    func noShorterBeginningWouldDo(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func id() -> String { "msg-" + (0..<14).map { _ in ["a", "b"][random.below(8) / 7] }.joined() }
        let known = (0..<40).map { _ in id() }
        let short = ShortIDs(known)
        for id in known + (0..<20).map({ _ in id() }) {
            let others = known.filter { $0 != id }
            let least = (12...18).first { length in !others.contains { $0.hasPrefix(id.prefix(length)) } }
            #expect(short.short(id) == id.prefix(least ?? 18))
        }
    }

    @Test(
        arguments: [
            (0, "0:00"), (288_000, "4:48"), (599_999, "9:59"), (600_000, "10 min"), (5_999_999, "99 min"),
            (6_000_000, "1 h 40 min"), (7_199_000, "1 h 59 min"), (35_999_000, "9 h 59 min"), (36_000_000, "10 h"),
        ] as [(Int64, String)])
    func countdownsSayTheirUnitsAndFitTheList(_ milliseconds: Int64, _ text: String) {
        #expect(WallClock.countdown(milliseconds) == text)
        for words in ["answer in", "call in"] {
            #expect(TextWidth.of("\(words) \(text)") < ListPainter.timeColumns)
        }
    }

    @Test(
        arguments: [
            (0, "0 s"), (119_999, "119 s"), (120_000, "2 min"), (7_200_000, "2 h"), (172_800_000, "2 days"),
            (-5, "0 s"),
        ] as [(Int64, String)])
    func spansAreInTheUnitThatSaysMost(_ milliseconds: Int64, _ text: String) {
        #expect(LocalTime.span(milliseconds: milliseconds) == text)
    }

    /// Runs in a process of its own: the time zone is the process's.
    @Test func timesAreThoseOfTheMachine() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("TZ", "Europe/Berlin", 1)
            tzset()
            let winter = Timestamp(Array("2026-11-28T07:01:42.809Z".utf8))!
            let summer = Timestamp(Array("2026-07-01T23:30:00.001Z".utf8))!
            precondition(LocalTime.short(winter, now: summer) == "28 Nov 08:01 CET")
            precondition(LocalTime.short(summer, now: winter) == "2 Jul 01:30 CEST")
            precondition(LocalTime.short(summer, now: Timestamp(milliseconds: 0)) == "2 Jul 2026 01:30 CEST")
            precondition(LocalTime.day(winter) == "Sat 28 Nov 2026, CET")
            precondition(LocalTime.precise(winter) == "08:01:42.809")
            precondition(LocalTime.full(winter) == "28 Nov 2026 08:01:42 CET")
        }
    }

    /// What a person promises: in minutes, today, tomorrow while that is near, or written out; never silently another day.
    @Test func promisesAreOfTodayOrOfTomorrowWhenThatIsNear() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("TZ", "Europe/Berlin", 1)
            tzset()
            let noon = Timestamp(Array("2026-11-28T10:47:00.000Z".utf8))!
            func parsed(_ text: String, _ now: Timestamp) -> String {
                do { return try ClockTime.promise(text, now: now).description } catch { return error.next }
            }
            precondition(parsed("12:40", noon) == "2026-11-28T11:40:00.000Z")
            precondition(parsed("11:00", noon) == "for tomorrow say --by 2026-11-29T10:00Z")
            precondition(parsed("11:47", noon) == "for tomorrow say --by 2026-11-29T10:47Z")
            precondition(parsed("23:59", noon) == "2026-11-28T22:59:00.000Z")
            precondition(parsed("2026-11-29T10:00Z", noon) == "2026-11-29T10:00:00.000Z")
            precondition(parsed("2026-11-29T11:00:30+01:00", noon) == "2026-11-29T10:00:30.000Z")
            precondition(parsed("2026-11-29T10:48Z", noon) == "promise an earlier time, or hand the message off")
            precondition(parsed("2026-11-28T10:40Z", noon) == "promise a time that is yet to come")
            let how = "say when, as --by 20 (minutes), --by 03:30 or --by 2026-11-28T02:30Z"
            for text in ["25:00", "2026-11-28", "-5", "soon", "", "\u{661}0"] {
                precondition(parsed(text, noon) == how)
            }
            precondition(parsed("1240", noon) == "2026-11-28T11:40:00.000Z")
            precondition(parsed("20", noon) == "2026-11-28T11:07:00.000Z")
            precondition(parsed("1", noon) == "2026-11-28T10:48:00.000Z")
            precondition(parsed("20", noon.adding(milliseconds: 59_999)) == "2026-11-28T11:08:00.000Z")
            precondition(parsed("1", noon.adding(milliseconds: 58_000)) == "2026-11-28T10:49:00.000Z")
            // Never sooner than was said.
            precondition(parsed("1", noon.adding(milliseconds: 25_000)) == "2026-11-28T10:49:00.000Z")
            precondition(parsed("20", noon.adding(milliseconds: 1)) == "2026-11-28T11:08:00.000Z")
            precondition(parsed("240", noon) == "2026-11-28T14:47:00.000Z")
            for text in ["0", "241", "999"] {
                precondition(parsed(text, noon) == "say the time by the clock, as --by 03:30")
            }
            let late = Timestamp(Array("2026-11-28T22:50:00.000Z".utf8))!
            precondition(parsed("00:20", late) == "2026-11-28T23:20:00.000Z")
            precondition(parsed("06:00", late) == "2026-11-29T05:00:00.000Z")
            precondition(parsed("11:49", late) == "2026-11-29T10:49:00.000Z")
            precondition(parsed("11:50", late) == "for tomorrow say --by 2026-11-29T10:50Z")
            let call = Timestamp(Array("2026-11-28T11:40:00.000Z".utf8))!
            precondition(ClockTime.ahead(call, now: noon) == "12:40 (in 53 min)")
            let tomorrow = Timestamp(Array("2026-11-29T10:00:00.000Z".utf8))!
            precondition(ClockTime.ahead(tomorrow, now: noon) == "29 Nov 11:00 (in 23 h)")
        }
    }

}
