import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// What a report counts, against what was played.
@Suite struct ReportTests {
    /// Some sixty messages over some days.
    private static func randomStory(_ seed: UInt64) -> (world: World, told: [ToldMessage]) {
        let world = World.practice()
        var numbers = SeededNumbers(seed)
        func seconds(_ range: ClosedRange<Int64>, chance: Int = 100) -> Int64? {
            Int.random(in: 0..<100, using: &numbers) < chance ? Int64.random(in: range, using: &numbers) : nil
        }
        var told: [ToldMessage] = []
        for number in 0..<60 {
            world.wait(seconds: seconds(1...3_000)!)
            told.append(
                world.play(
                    "message \(number)", Urgency.allCases.randomElement(using: &numbers)!,
                    delivered: seconds(0...90, chance: 90), read: seconds(0...300, chance: 80),
                    answered: seconds(1...2_000, chance: 70), closed: seconds(1...9_000, chance: 50),
                    by: seconds(0...1, chance: 10) == nil ? .acknowledged : .closed))
        }
        return (world, told)
    }

    /// Of what the log does not say, somebody must ask: it is listed for programs as for people.
    @Test func whatIsUnexplainedIsListedForPrograms() async throws {
        let world = World.practice()
        let sent = world.send("expired in silence")
        world.wait(seconds: 3_600)
        world.send("when it is over")
        world.wait(seconds: 61)
        world.send("when that had to be said")
        let (report, verdict) = try await world.report()
        #expect(report.unexplained == 1)
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(json.contains(#""unexplained":[{"message":"\#(sent.message)""#), "\(json)")
    }

    @Test(arguments: [1, 2]) func everyTotalIsWhatASimpleRecountGives(seed: UInt64) async throws {
        let (world, told) = Self.randomStory(seed)
        let zone = ReportZone("America/New_York")!
        let (report, verdict) = try await world.report(from: "2026-11-23", to: "2026-11-24", zone: zone)
        #expect(verdict.findings.isEmpty)
        let period = report.request.period
        let expected = told.filter { period.contains($0.accepted) }
        #expect(!expected.isEmpty && expected.count < told.count, "the period cuts the story")

        #expect(report.total.messages == expected.count)
        #expect(report.listed(.all).first.map(\.message) == expected.map(\.message))
        #expect(report.unexplained == 0)
        for outcome in MessageOutcome.allCases {
            #expect(report.total[outcome] == expected.count { $0.outcome == outcome }, "\(outcome)")
        }
        for urgency in Urgency.allCases {
            #expect(report.byUrgency[urgency] ?? 0 == expected.count { $0.urgency == urgency })
        }
        let reached: [ReportMeasure: (ToldMessage) -> Timestamp?] = [
            .deliver: { $0.delivered }, .open: { $0.read }, .acknowledge: { $0.answered },
            // Closing it unread ends it, and is no success.
            .close: { $0.answered == nil ? nil : $0.closed },
        ]
        for measured in report.measures {
            let when = try #require(reached[measured.measure])
            for row in measured.rows {
                let those = expected.filter { $0.urgency == row.urgency }
                let times = those.compactMap { one in when(one).map { $0.milliseconds(since: one.accepted) } }.sorted()
                #expect(row.messages == those.count)
                #expect(row.times.count == times.count)
                #expect(row.times.maximum == times.last)
                if !times.isEmpty { #expect(row.times.median == times[(times.count - 1) / 2]) }
            }
            let shift = Int64(-5 * 3_600_000)  // New York in November
            for hour in 0..<24 {
                let those = expected.filter { ($0.accepted.milliseconds + shift) / 3_600_000 % 24 == Int64(hour) }
                #expect(report.hours[hour] == those.count)
                #expect(measured.hours[hour].count == those.count { when($0) != nil })
            }
        }
        // Every receipt that was played, whenever it came.
        let closed: (ToldMessage) -> Timestamp? = { $0.closed }
        for (word, when) in [
            ("delivered", reached[.deliver]!), ("read", reached[.open]!), ("closed", closed),
        ] {
            let counted = report.receipts.filter { $0.word == word }.reduce(0) { $0 + $1.facts }
            #expect(counted == expected.count { when($0) != nil }, "\(word)")
        }
    }

    @Test func wholeDaysOfUTCAreCountedAsTheAuditCountsThem() async throws {
        let (world, _) = Self.randomStory(3)
        let (report, verdict) = try await world.report(from: "2026-11-01", to: "2026-12-31")
        #expect(report.days.map(\.day) == verdict.days.map(\.day))
        for (day, audited) in zip(report.days, verdict.days) {
            #expect(day.messages == audited.manifests)
            #expect(day[.closed] == audited.closed)
            #expect(day[.acknowledged] == audited.acknowledged)
            #expect(day[.unanswered] == audited.unanswered)
            #expect(day[.open] == audited.open)
            #expect(day[.unexplained] == audited.unexplained)
            for mark in MessageMark.allCases { #expect(day[mark] == audited[mark], "\(mark)") }
        }
    }

    @Test func aTargetIsMetInTimeOrMissedWhenItsTimeIsOver() async throws {
        let world = World.practice()
        // The policy's next step of an urgent message comes after 15 minutes, of a routine one never.
        for (name, after) in [("just", Int64(897)), ("late", 899)] {
            _ = world.play(name, .urgent, delivered: 1, read: 2, answered: after, closed: nil)
        }
        _ = world.play("routine", .routine, delivered: 1, read: 2, answered: 9_000, closed: nil)
        _ = world.play(
            "never", .urgent, life: 86_400, delivered: 1, read: 2, answered: nil, closed: nil, expires: false)
        world.wait(seconds: 899)
        func acknowledge(present: Bool) async throws -> [PeriodReport.Row] {
            try await world.report(present: present).report.measures.first { $0.measure == .acknowledge }!.rows
        }
        var rows = try await acknowledge(present: true)
        #expect(rows.map(\.urgency) == [.urgent, .routine])
        #expect(rows[0].targetSeconds == 900 && rows[0].met == 1)
        #expect(rows[0].due == 3, "902 s are over for the third one")
        #expect(rows[1].targetSeconds == nil && rows[1].due == 0)
        // An export speaks only as far as its last entry.
        rows = try await acknowledge(present: false)
        #expect(rows[0].due == 2)
        #expect(rows[0].messages == 3 && rows[0].times.count == 2)
    }

    @Test func repliesAndBrokenMessagesAreCountedAndNotMeasured() async throws {
        let world = World.practice()
        let sent = world.send("asked")
        world.deliver(sent, to: "bo")
        let reply = world.send("reply", from: "bo", to: "ivy", reference: .inReplyTo(sent.message))
        world.deliver(reply, to: "ivy")
        // Acknowledged by a device to which it never went: nobody believes the time.
        let broken = world.send("broken")
        world.receipt(.acknowledged, of: broken, by: "tablet")
        let (report, verdict) = try await world.report()
        #expect(!verdict.ok && !report.ok)
        #expect(report.total.messages == 3 && report.replies == 1 && report.asking == 2 && report.unsound == 1)
        #expect(report.total[.arrivedReply] == 1)
        let deliver = try #require(report.measures.first { $0.measure == .deliver })
        #expect(deliver.rows.map(\.messages) == [1])
        let acknowledge = try #require(report.measures.first { $0.measure == .acknowledge })
        #expect(acknowledge.rows.allSatisfy { $0.times.count == 0 })
    }

    @Test func olderMessagesThatWaitAreNotForgotten() async throws {
        let world = World.practice()
        _ = world.play(
            "old", .urgent, life: 10 * 86_400, delivered: 1, read: nil, answered: nil, closed: nil, expires: false)
        _ = world.play("done", .urgent, delivered: 1, read: nil, answered: 5, closed: nil)
        world.wait(seconds: 3 * 86_400)
        let (report, _) = try await world.report(from: "2026-11-26", to: "2026-11-26")
        #expect(report.total.messages == 0)
        #expect(report.listed(.olderOpen).first.map(\.message) == [.named("old")])
    }

    @Test func whoCameAndWentInThePeriodIsListed() async throws {
        let world = World.practice()
        world.wait(seconds: 86_400)
        world.revoke("tablet")
        world.commit(world.member("bo", roles: [.provider, .intake], status: .suspended), by: [.device("ana")])
        let (report, _) = try await world.report(from: "2026-11-24", to: "2026-11-24")
        #expect(report.changes.map(\.kind) == [.deviceRevoked, .memberChanged])
        #expect(report.changes.map(\.words) == ["left on a train", "provider, intake (before: provider); suspended"])
        #expect(report.changes.allSatisfy { $0.member == .named("bo") })
        // Which of his devices it was.
        #expect(report.changes.map(\.label) == ["tablet", nil] && report.changes.map(\.isOfDevice) == [true, false])
        #expect(
            String(decoding: ReportPage(report).bytes, as: UTF8.self).contains(">left on a train; tablet</td>"))
        let roster = String(decoding: CSVText.of(report.changeTable), as: UTF8.self)
        #expect(roster.contains(",left on a train,") && roster.contains(",tablet\r\n"))
        let (nameless, bare) = try await world.report(from: "2026-11-24", to: "2026-11-24") { $0.showsNames = false }
        #expect(!String(decoding: try nameless.document(bare).bytes, as: UTF8.self).contains("tablet"))
        let (first, _) = try await world.report()
        // Two founding devices, then four that were invited: Ivy's, Bo's two, Udo's.
        #expect(first.changes.count { $0.kind == .deviceEnrolled } == 6)
        #expect(first.changes.count { $0.kind == .invitationIssued } == 4)
        #expect(
            first.changes.filter { $0.kind == .memberAdded }.map(\.words) == [
                "founding member; active", "founding member; active", "intake; active", "provider; active",
                "auditor; active",
            ])
        #expect(first.changes.map(\.index) == first.changes.map(\.index).sorted())
        #expect((report.members, report.liveDevices) == (4, 4))
        #expect(
            first.changes.last.map { [$0.subject, $0.words] } == ["\(world.auditKey.publicKey.id)", "the first one"])
    }

    /// Who opens capsules, who may decide and who vouches for the logs: a privacy officer asks for these first.
    @Test func whatWasDecidedAboutKeysAdminsAndWitnessesIsListed() async throws {
        let world = World.practice()
        world.wait(seconds: 86_400)
        world.watch(by: "mirror", demanded: 1)
        world.commit(world.member("ivy", roles: [.intake, .auditor]), by: World.quorum)
        let before = world.view.adminDevices
        world.commit(world.admins(before.filter { $0.key != .named("max") }, quorum: 1), by: World.quorum)
        let (report, verdict) = try await world.report(from: "2026-11-24", to: "2026-11-24")
        #expect(
            report.changes.map { [$0.kind.rawValue, $0.subject, $0.words] } == [
                ["witnesses_set", "witnesses", "mirror.example/w; cosignatures demanded: 1"],
                ["member_changed", "\(MemberID.named("ivy"))", "intake, auditor (before: intake); active"],
                ["admin_removed", "\(DeviceID.named("max"))", "no admin's device any more"],
                ["quorum_set", "quorum", "1 (before: 2)"],
            ])
        #expect(report.changes.map(\.member) == [nil, MemberID.named("ivy"), MemberID.named("max"), nil])
        // Who typed a witness's name may have typed a person's.
        let (nameless, _) = try await world.report(from: "2026-11-24", to: "2026-11-24") { $0.showsNames = false }
        #expect(nameless.words(of: nameless.changes[0]) == nil && nameless.words(of: nameless.changes[3]) != nil)
        var ids: Set<Substring> = []
        try AuditEventLines(report).write(verdict) { line in
            if let id = String(decoding: line, as: UTF8.self).firstMatch(of: #/"id":"([^"]+)"/#)?.1 { ids.insert(id) }
        }
        #expect(ids.count == 4)
    }

    /// Who acted under another name than the report calls them by is found: both names stand among the changes.
    @Test func aRenamedMemberIsListedWithBothNames() async throws {
        let world = World.practice()
        _ = world.play("before", .urgent, delivered: 1, read: 2, answered: 3, closed: 4)
        world.wait(seconds: 86_400)
        let current = world.member("bo", roles: [.provider])
        world.commit(
            MemberStatement(
                organisation: current.organisation, seen: current.seen, at: current.at, replaces: current.replaces,
                member: current.member, name: .words("<Bea>"), roles: current.roles, status: current.status),
            by: [.device("ana")])
        let (report, verdict) = try await world.report(to: "2026-11-24")
        let change = try #require(report.changes.last)
        #expect(change.words == "provider; active; renamed")
        #expect(report.words(of: change) == "provider; active; renamed: <Bea> (before: bo)")
        let page = String(decoding: ReportPage(report).bytes, as: UTF8.self)
        #expect(page.contains("renamed: &lt;Bea&gt; (before: bo)"))
        #expect(page.contains("by the newest name that the roster log gives them"))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(json.contains(#""renamed":{"before":"bo","after":"<Bea>"}"#))

        let (nameless, _) = try await world.report(to: "2026-11-24") { $0.showsNames = false }
        #expect(nameless.words(of: change) == "provider; active; renamed")
        let bare = String(decoding: try nameless.document(verdict).bytes, as: UTF8.self)
        #expect(!bare.contains("Bea") && bare.contains(#""words":"provider; active; renamed","renamed":null"#))
        let left = String(decoding: ReportPage(nameless).bytes, as: UTF8.self)
        #expect(left.contains("members are told by their ids") && !left.contains("Bea"))
        // Nobody who kept their name is said to have another one.
        #expect(report.changes.count { $0.renaming != nil } == 1)
    }

    /// Another audit or recovery key waits, and can be voided: from when on it is in force is told.
    @Test func aRecoveryKeyThatWaitsIsListedWithItsTime() async throws {
        let world = World.practice()
        world.wait(seconds: 86_400)
        let key = RecoveryPublicKey(
            signing: Signer.key("paper").verifyingKey, encapsulation: EncapsulationPrivateKey.named("paper").publicKey)
        world.commit(world.admins(recovery: key), by: World.quorum)
        let (report, _) = try await world.report(from: "2026-11-24", to: "2026-11-24")
        let change = try #require(report.changes.first)
        #expect(report.changes.count == 1 && change.kind == .recoveryKeySet && change.member == nil)
        #expect(change.subject == "\(key.id)")
        #expect(
            change.words
                == "in force from \(world.now.adding(seconds: 72 * 3_600)) on, unless it is voided; the first one")
    }

    /// Whoever is handed a report sees whether anybody vouches for its logs.
    @Test func aReportSaysWhoCosigned() async throws {
        let world = World.practice()
        #expect(try await world.report().report.witnessWords.hasPrefix("none are named: two histories"))
        world.watch(by: "one", "two", demanded: 2)
        let activity = world.activity.size
        let verdict = try await world.audit { source in
            source.cosigned[.activity] = [world.cosigned(.activity, by: "one", size: activity - 1, secondsAgo: 5)]
        }
        var request = try await world.report().report.request
        let words = try PeriodReport(verdict, request).witnessWords
        #expect(
            words
                == "2 of 2 demanded; cosigned were of the roster log nothing; of the activity log "
                + "\(WitnessPerson("one").key.name) \(activity - 1) of \(activity) entries at \(request.zone.minute(world.now)) (UTC)"
        )
        let page = String(decoding: ReportPage(try PeriodReport(verdict, request)).bytes, as: UTF8.self)
        #expect(page.contains("<dd>\(words).</dd>"))
        request.showsNames = false
        let nameless = try PeriodReport(verdict, request).witnessWords
        #expect(
            nameless.contains("log a witness \(activity - 1) of") && !nameless.contains(WitnessPerson("one").key.name))
    }

    /// Before the first message an export speaks of its roster, and not of the year 1970.
    @Test func logsWithoutAMessageSpeakUntilTheirLastEntry() async throws {
        let world = World.practice()
        let end = world.now.adding(seconds: -60)
        #expect(try await world.report(present: false).report.asOf == end)
        #expect(try await world.report(present: true).report.asOf == world.now)
    }

    @Test func looksOfThePeriodAreTold() async throws {
        let world = World.practice()
        let sent = world.send("one")
        world.look(.evidence, .message(sent.message))
        world.wait(seconds: 86_400)
        world.look(.patient)
        let (report, verdict) = try await world.report()
        #expect(verdict.ok)
        #expect(report.looks.first.map(\.access.kind) == [.evidence])
        var lines: [String] = []
        try ReportLines(report).write(verdict) { lines.append(String(decoding: $0, as: UTF8.self)) }
        #expect(lines.count { $0.contains(#""type":"look""#) && $0.contains("\(sent.message)") } == 1)
        #expect(
            String(decoding: ReportPage(report).bytes, as: UTF8.self).contains(
                "<td class=\"word\" dir=\"auto\">evidence</td>"))
        let (next, _) = try await world.report(from: "2026-11-24", to: "2026-11-24")
        #expect(next.looks.first.map(\.access.kind) == [.patient])
        #expect(next.looks.first.map(\.member) == [.named("udo")])
    }

    @Test func pagesAreCountedByWhatBecameOfThem() async throws {
        let world = World.practice()
        let first = world.send("first")
        for (attempt, outcome) in [PageOutcome.later, .accepted].enumerated() {
            world.log(.pushed(.named("bo"), first.message, .webPush, attempt: UInt64(attempt + 1), outcome))
        }
        let second = world.send("second")
        world.log(.pushed(.named("tablet"), second.message, .fcm, attempt: 1, .gone))
        let (report, _) = try await world.report()
        #expect(report.pages.map(\.reason) == ["accepted", "gone", "later"])
        #expect(report.pages.allSatisfy { $0.facts == 1 && $0.messages == 1 })
        #expect(report.paged == 2 && report.pagedInVain == 1)
    }
}
