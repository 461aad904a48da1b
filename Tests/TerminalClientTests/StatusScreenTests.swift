import Statements
import Testing

@testable import TerminalClient

@Suite struct StatusScreenTests {
    private let long = String(repeating: "very long words of somebody ", count: 6)

    private var calm: StatusScreen {
        StatusScreen(
            member: "Dr. Noor", roles: ["provider"], organisation: "Example Practice", label: "ward phone",
            state: "active",
            relay: "relay.example:8443", isReachable: true)
    }

    private var worst: StatusScreen {
        var screen = calm
        screen.state = "suspended"
        screen.organisation = long
        screen.label = long
        screen.isReachable = false
        screen.lie = "the relay signed two logs"
        screen.open = Urgency.allCases.flatMap { urgency in
            [true, false].map { InboxList.Group(urgency: urgency, isRead: $0, count: 12, left: -5_400_000) }
        }
        screen.queue = 7
        screen.notClosed = (12, "12 acknowledged, not closed (3 EMERGENT)")
        screen.receiptsWaiting = 3
        screen.lateCalls = [Timestamp(milliseconds: 0), Timestamp(milliseconds: 1)]
        screen.callsToMake = 3
        screen.sendsWaiting = 1
        screen.sendsRefused = 2
        screen.findings = (0..<9).map { StatusScreen.Found(at: Timestamp(milliseconds: $0), sentence: "finding \($0)") }
        screen.notices = (0..<6).map { "notice \($0)" }
        screen.checkpoints = [
            ("roster", "7 97ac 09d6 ef7e ca3e 97ac 09d6 ef7e ca3e"),
            ("activity", "9007199254740991 3b39 f518 51f3 a852 3b39 f518 51f3 a852"),
        ]
        screen.oneTimeKeys = 3
        screen.agent = "unlocked since 28 Nov 08:01 CET, unused for 3 min; locks after 15 min without use"
        screen.ids = [("device", "dev-5yheq5n3lxbe2yn7j4qgvejgqara7er5"), ("member", "mem-a"), ("org", "org-b")]
        return screen
    }

    @Test func whoIsTheAuditorIsNotSentToOne() {
        var screen = calm
        screen.lie = "two logs"
        #expect(screen.lines.contains { $0.contains("show it to an auditor") })
        screen.roles = ["auditor"]
        #expect(screen.lines.contains { $0.contains("two logs; see below, and keep the evidence") })
    }

    @Test func theGravestFindingIsNamedHoweverManyCameAfterIt() {
        var screen = calm
        screen.findings = (0..<9).map { StatusScreen.Found(at: Timestamp(milliseconds: $0), sentence: "finding \($0)") }
        #expect(screen.lines.contains { $0.contains("finding 8") })
        screen.gravest = screen.findings[2]
        let lines = screen.lines
        #expect(lines.contains { $0.contains("finding 2") } && !lines.contains { $0.contains("finding 8") })
        #expect(lines.contains { $0.contains("evidence of 9 findings is kept, the gravest named here") }, "\(lines)")
    }

    @Test func isOneScreenEvenOnABadDay() {
        let lines = worst.lines
        #expect(lines.count <= StatusScreen.rows, "\(lines.joined(separator: "\n"))")
        #expect(lines.allSatisfy { TextWidth.of($0) <= StatusScreen.columns })
        // What is read aloud stands in one line.
        #expect(lines.contains { $0.contains(" activity 9007199254740991 3b39") && $0.hasSuffix(" a852") })
    }

    /// Whoever could send knows before they type, also on a bad day.
    @Test func thatNothingIsSentStandsOnTop() {
        #expect(!calm.lines.contains { $0.contains("NOTHING IS SENT") })
        var bad = worst
        bad.maySend = false
        let lines = bad.lines
        #expect(lines.count <= StatusScreen.rows, "\(lines.joined(separator: "\n"))")
        #expect(lines.prefix(5).contains { $0.hasPrefix("!! STOP") && $0.contains("NOTHING IS SENT ANY MORE") })
    }

    /// Too few witnesses are said as loudly as a finding, also on a bad day; that there are enough, quietly.
    @Test func witnessesAreShown() {
        var screen = calm
        screen.witnesses = "roster 2 of 2, activity 1 of 2 (1 demanded)"
        #expect(screen.lines.contains { $0.hasPrefix("witnesses") && $0.contains("activity 1 of 2") })
        var bad = worst
        bad.witnesses = screen.witnesses
        bad.witnessTrouble = "too few have cosigned for 24 hours: nightbell admin witnesses"
        #expect(bad.lines.contains { $0.hasPrefix("!! WITNESS") })
        #expect(bad.lines.count <= StatusScreen.rows, "\(bad.lines.joined(separator: "\n"))")
    }

    @Test func everyNoticeIsShownWhereThereIsRoom() {
        var screen = calm
        screen.notices = (0..<6).map { "notice \($0)" }
        let text = screen.lines.joined(separator: "\n")
        #expect((0..<6).allSatisfy { text.contains("notice \($0)") } && !text.contains("more: "), "\(text)")
        var full = worst
        #expect(full.lines.joined(separator: "\n").contains("and 5 more: nightbell status --notices"))
        full.showsEveryNotice = true
        #expect(full.lines.count { $0.contains("notice ") } == 6)
    }

    @Test func beginsWithWhoAndThenWhatWaits() {
        var screen = calm
        screen.open = [
            InboxList.Group(urgency: .emergent, isRead: true, count: 1, left: 240_000),
            InboxList.Group(urgency: .sameDay, isRead: false, count: 1, left: nil),
        ]
        #expect(
            screen.lines.prefix(6) == [
                "Dr. Noor (provider), Example Practice", "active, on the device \"ward phone\"", "",
                "relay      relay.example:8443 answers; its clock agrees with this machine's",
                "waiting    1 EMERGENT read, NOT ANSWERED (4 min left); 1 same day not read:",
                "           nightbell inbox",
            ])
    }

    @Test func saysWhatIsWrongAndWhichCommandHelps() {
        let text = worst.lines.joined(separator: "\n")
        for words in [
            "SUSPENDED", "CANNOT BE REACHED", "nightbell doctor", "nightbell sent", "!! LIE", "finding 8", "and 5 more",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(!text.contains("finding 0"))
    }

    @Test func whatWillNeverBeSentIsTakenOffTheList() {
        var screen = calm
        screen.sendsRefused = 2
        let text = screen.lines.map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
        #expect(
            text.contains("!! UNSENT  2 messages of yours will never be sent: refused (see nightbell sent)"), "\(text)")
        #expect(text.contains("nightbell sent --dismiss MSG"))
    }

    @Test func theDeskIsToldWhomToTelephone() {
        var screen = calm
        #expect(!screen.lines.contains { $0.contains("TELEPHONE") })
        screen.callsToMake = 2
        #expect(
            screen.lines[4] == "!! CALL    BY TELEPHONE about 2 messages of yours: nightbell sent --overdue",
            "\(screen.lines)")
    }

    @Test func whoPromisedACallReadsThatItIsLate() {
        let first = Timestamp.now().adding(seconds: -60)
        var screen = calm
        #expect(!screen.lines.contains { $0.contains("LATE") })
        screen.lateCalls = [first]
        #expect(
            screen.lines[4] == "!! LATE    1 call that you promised by \(ClockTime.text(first)): nightbell inbox",
            "\(screen.lines)")
        screen.lateCalls.append(first.adding(seconds: 30))
        let text = screen.lines.map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
        #expect(
            text.contains(
                "!! LATE    2 calls that you promised, the first by \(ClockTime.text(first)): nightbell inbox"),
            "\(text)")
    }

    @Test func commandsNameTheProfile() {
        var screen = calm
        screen.callsToMake = 1
        screen.hinted = { ProfileHint(folder: "/srv/desk").applied(to: $0) }
        let text = screen.lines.map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
        #expect(text.contains("1 message of yours: nightbell --profile /srv/desk sent --overdue"), "\(text)")
    }

    @Test func whatPressesLeastIsCountedTogether() {
        var screen = calm
        screen.open = Urgency.allCases.map { InboxList.Group(urgency: $0, isRead: false, count: 2, left: nil) }
        #expect(screen.lines[4] == "waiting    2 EMERGENT not read; 2 URGENT not read; 4 less urgent: nightbell")
        #expect(screen.lines[5].hasSuffix("inbox"))
    }

    /// They are said once: none may be left out for want of room.
    @Test func everyDeviceThatJoinedIsNamed() {
        var screen = worst
        screen.joined = (0..<9).map { "device \($0) joined" }
        for number in 0..<9 { #expect(screen.lines.contains { $0.contains("device \(number) joined") }) }
    }

    @Test func namesOfOthersDrawNothing() {
        var screen = calm
        screen.organisation = "\u{1B}[2J\u{202E}evil"
        #expect(
            screen.lines.allSatisfy { line in line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E }
            })
    }
}
