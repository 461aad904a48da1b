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

    /// Nothing waits for a device that was revoked before it had it, and whoever lists messages sees whom nobody can read again.
    @Test func whatNoDeviceCanGetIsSaidToBeUndeliverable() async throws {
        let world = World.practice()
        let lost = world.send("lost")
        world.play("had", to: "bo", [.delivered, .read])
        let waits = try #require(try await world.audit().messages.first)
        #expect(AuditMessagesCommand.state(waits) == "waiting")
        world.wait(seconds: 1)
        for device in ["bo", "tablet"] { world.revoke(device) }
        let verdict = try await world.audit()
        let (first, second) = (verdict.messages[0], verdict.messages[1])
        #expect(AuditMessagesCommand.state(first) == "undeliverable")
        let table = AuditMessagesCommand.human(
            verdict.messages, of: 2, AuditReport(verdict), nil, columns: nil)
        #expect(table.contains("undeliverable, NO DEVICE LEFT") && table.contains("read, NO DEVICE LEFT"), "\(table)")
        let told = MessageReport(first, AuditReport(verdict), FollowUps(first, among: []))
        #expect(told.human.contains("\(lost.message)  undeliverable, NO DEVICE LEFT\n"), "\(told.human)")
        #expect(told.object["state"]?.string == "waiting" && told.object["undeliverable"]?.bool == true)
        let read = MessageReport(second, AuditReport(verdict), FollowUps(second, among: [])).object
        #expect(read["undeliverable"]?.bool == false && read["no_device_left"]?.bool == true)
        #expect(try await Self.text(world).contains("undeliverable, NO DEVICE LEFT"))
        world.now = max(world.now, lost.expires)
        world.unanswered(lost)
        let late = try #require(try await world.audit().messages.first)
        #expect(AuditMessagesCommand.state(late) == "undeliverable, unanswered")
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
                "replayed      \(before) entries of the activity log were verified before, \(new.counted("new one", "new ones")) now\n"
            ))
        #expect(second.whole["replayed_from"]?.integer == Int64(before))
        audit.isAnew = true
        let anew = AuditReport(try await audit.run(world.source, store: store))
        #expect(anew.human.contains("all entries of the activity log, from the first"))
    }

    /// Whose an export is and how old, its entries do not tell: whoever reads the verdict is told what to compare.
    @Test func aVerdictOnAnExportSaysWhatItHangsOn() async throws {
        let world = World.practice()
        world.play("sent", to: "bo", [.delivered])
        var report = AuditReport(try await world.audit())
        #expect(!report.human.contains("COMPARE") && report.whole["organisation_pinned"]?.bool == true)
        let last = try #require(report.verdict.lastEntry)
        #expect(last <= world.now && report.whole["last_entry"]?.string == "\(last)")
        #expect(report.human.contains("capsules      1 opened, 0 left closed\n"))
        report.export = .ofUnnamed
        #expect(report.human.contains("capsules      none looked at: an export holds none\n"))
        let lines = report.human.split(separator: "\n").suffix(3)
        #expect(lines.first?.hasPrefix("ok: ") == true)
        #expect(lines.dropFirst().first?.hasPrefix("COMPARE       \(world.organisation) by telephone") == true)
        #expect(lines.last?.hasPrefix("until         \(LocalTime.full(last)), the time of the last entry") == true)
        #expect(report.whole["organisation_pinned"]?.bool == false)
        report.export = .ofNamed
        #expect(!report.human.contains("COMPARE") && report.human.contains("until         "))
        #expect(report.whole["organisation_pinned"]?.bool == true)
    }

    @Test func aDaysLineSaysHowManyOfItsMessagesAreMarked() async throws {
        let verdict = try await Self.story().audit()
        #expect(
            AuditReport(verdict).human.contains(
                "0 unexplained; of these 1 declined, and nobody takes it, 1 answered only after it had expired, 1 closed unread"
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
        world.wait(seconds: 1)
        world.receipt(.acknowledged, of: asked, by: "bo")
        let later = try await world.audit()
        let goingBack = FollowUps(later.messages[0], among: later.messages)
        let text = MessageReport(later.messages[0], AuditReport(later), goingBack).human
        let answer = try #require(text.firstRange(of: "answered in"))
        let receipt = try #require(text.firstRange(of: "acknowledged (calling now)  bo"))
        #expect(answer.lowerBound < receipt.lowerBound, "\(text)")
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

    /// What the next one did with it stands in the next message's file.
    @Test func whatCarriesAMessageOnTakesAFileOfItsOwn() throws {
        let world = Self.story()
        var verdict = EvidenceVerdict()
        for (index, bytes) in world.activity.entries.enumerated() {
            let entry = try Entry(parsing: bytes)
            guard case .manifest(let manifest, _) = try ActivityStatement(parsing: entry.body) else { continue }
            verdict.events.append(
                EvidenceVerdict.Event(index: UInt64(index), logged: entry.time, kind: .referring(manifest)))
        }
        let words = EvidenceWords(verdict: verdict)
        let carried = MessageID.named("carried")
        #expect(words.carriedOn == [carried])
        #expect(words.limits.contains { $0.contains("nightbell audit evidence \(carried) FILE") })
        #expect(!EvidenceWords(verdict: EvidenceVerdict()).limits.contains { $0.contains("carries the message on") })
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

    @Test func aFileThatDoesNotHoldSaysWhatToDo() throws {
        let organisation = World.practice().organisation
        func end(_ code: AuditFinding.Code) throws -> String {
            var verdict = EvidenceVerdict()
            verdict.organisation = organisation
            verdict.find(code, "part", "it is not as it was")
            return String(try #require(EvidenceReport(verdict).human.split(separator: "\n").last))
        }
        let changed = try end(.partChanged)
        #expect(changed.contains("do not rely on it. Ask whoever made it") && changed.contains("compare its sha256"))
        let packed = try end(.archiveMalformed)
        #expect(packed.contains("unpacked and packed again") && packed.contains("compare its sha256"))
        let another = try end(AuditFinding.Code(rawValue: "wrong_organisation"))
        #expect(
            another.hasPrefix(
                "NOT OK: the file is of \(organisation), not of the one you named: check what you typed, or ask for"
            ), "\(another)")
        #expect(!another.contains("rely"))
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
        _ world: World, from: String = "2026-11-23", morning: Bool = true, columns: Int? = nil
    ) async throws -> String {
        let verdict = try await world.audit()
        let request = ReportRequest(
            period: ReportPeriod(from: from, to: from, zone: .utc)!, zone: .utc, generated: world.now, isPresent: true)
        return ReportText(try PeriodReport(verdict, request), isMorning: morning).text(columns: columns)
    }

    @Test func aMorningTellsFirstWhatSomebodyMustDoSomethingAbout() async throws {
        let story = Self.story()
        let text = try await Self.text(story)
        #expect(text.contains("\nwhose logs  \(story.organisation)\n"))
        let heads = text.split(separator: "\n").filter { $0.hasSuffix("), times in UTC") }
        #expect(
            heads.map { $0.prefix { $0 != "(" } } == [
                // The one that waits is urgent, the declined one of the same day.
                "NO ANSWER YET AND NOT DECLINED ", "DECLINED, NOBODY TAKES THEM ",
                "ANSWERED LATE, AFTER THEY HAD EXPIRED ", "CLOSED UNREAD ", "ACKNOWLEDGED, NOT CLOSED ", "HANDED OFF ",
                "CLOSED ", "MEMBERS, DEVICES, KEYS AND WITNESSES ",
            ])
        for title in ["DECLINED, NOBODY", "CLOSED UNREAD"] {
            let list = try #require(text.firstRange(of: title)).upperBound
            let row = try #require(text[list...].split(separator: "\n").dropFirst(2).first)
            // Who did it, and when.
            #expect(
                row.contains(
                    title == "CLOSED UNREAD" ? #/  bo, 2026-11-23 03:\d\d$/# : #/  bo, 2026-11-23 03:\d\d, not mine$/#))
        }
        // Who did a change of the roster.
        #expect(text.contains("bo, with an invitation") && !text.contains("EXPIRED UNANSWERED"))
        #expect(text.contains("CAME AS FAR AS") && text.contains("EXPIRES"))
        #expect(text.contains("acknowledged, LATE: it had expired") && text.contains("closed UNREAD"))
        #expect(text.contains("every promise of the relay that the logs can show was kept (what clinicians promised"))
        #expect(text.contains("\n            of these 1 declined, and nobody takes it"))
        #expect(text.contains("\n            unexplained 0\n"))
        #expect(text.contains("audit key set"))
    }

    /// Nobody has to run another command to learn what was found.
    @Test func whatWasFoundStandsUnderTheVerdict() async throws {
        let world = World.practice()
        for number in 0..<23 { world.log(.undeliverable(.named("bo"), world.send("\(number)").message, .revoked)) }
        let lines = try await Self.text(world).split(separator: "\n")
        let verdict = try #require(lines.firstIndex { $0.hasPrefix("verdict     NOT OK") })
        let findings = lines[(verdict + 1)...].prefix { $0.hasPrefix("FINDING     ") }
        #expect(findings.count == 20)
        #expect(findings.contains { $0.hasPrefix("FINDING     undeliverable_untrue at activity ") }, "\(findings)")
        let after = lines[(verdict + 21)...]
        #expect(after.first?.hasSuffix(" more findings: \"nightbell audit verify\" has all of them") == true)
        #expect(after.dropFirst().first?.hasPrefix("messages    ") == true)
        #expect(lines.contains { $0 == "looks       0 signed by auditors' devices in the period" })
    }

    /// The counts are read at a glance, wherever they are shown.
    @Test func theCountsOfATextAreNoLongLine() async throws {
        let lines = try await Self.text(Self.story()).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("messages    ") })
        let end = try #require(lines.firstIndex { $0.hasPrefix("looks       ") })
        #expect(end - start >= 3 && lines[start..<end].allSatisfy { TextWidth.of(String($0)) <= 100 })
        #expect(lines[start].hasPrefix("messages    5 messages: "))
    }

    @Test func aTextListsWhoLooked() async throws {
        let world = Self.story()
        let index = world.look(by: "udo", .report, Access.Subject.none)
        let text = try await Self.text(world)
        let list = try #require(text.firstRange(of: "LOOKS (1), times in UTC")).upperBound
        let row = try #require(text[list...].split(separator: "\n").dropFirst().first)
        #expect(row.contains("  report  routine review  udo") && row.hasSuffix("  \(index)"), "\(row)")
        #expect(try await !Self.text(Self.story()).contains("LOOKS ("))
    }

    /// Whoever reads an export has no relay to ask.
    @Test func theNextStepOfAnExportIsAboutTheExport() async throws {
        let world = World.practice()
        world.receipt(.acknowledged, of: world.send("broken"), by: "tablet")
        let verdict = try await world.audit()
        for isPresent in [true, false] {
            let request = ReportRequest(
                period: ReportPeriod(from: "2026-11-23", to: "2026-11-23", zone: .utc)!, zone: .utc,
                generated: world.now,
                isPresent: isPresent)
            let text = ReportText(try PeriodReport(verdict, request), isMorning: false).text(columns: nil)
            let command = isPresent ? "audit verify" : "audit verify --export DIR"
            #expect(text.contains("a promise was broken: run \"nightbell \(command)\" before you rely on this"))
        }
    }

    /// What a thief did is not told as the clinician's deed.
    @Test func whatADeviceAnsweredThatIsRevokedByNowIsMarked() async throws {
        let world = World.practice()
        let first = world.play("declined", to: "bo", [.delivered, .declined])
        world.play("acknowledged", to: "bo", [.delivered, .acknowledged])
        let closed = world.play("closed", to: "bo", [.delivered, .acknowledged])
        world.serve(closed, to: "tablet")
        world.receipt(.closed, of: closed, by: "tablet")
        #expect(try await !Self.text(world).contains("since revoked"))
        world.wait(seconds: 1)
        world.revoke("bo")
        let mark = "on a device since revoked (left on a train)"
        let text = try await Self.text(world)
        // Which of the member's devices it is.
        #expect(text.contains("  left on a train; bo; \("\(DeviceID.named("bo"))".prefix(12))  "))
        #expect(text.contains("not mine, \(mark)") && text.ranges(of: mark).count == 3)
        let report = try AuditReport(listing: try await world.audit())
        let table = AuditMessagesCommand.human(
            report.verdict.messages, of: 3, report, nil, columns: nil)
        // The tablet closed the third one.
        #expect(table.contains("declined, \(mark)") && table.contains("acknowledged, \(mark)"))
        #expect(table.ranges(of: mark).count == 2)
        let told = MessageReport(
            try #require(report.verdict.messages.first { $0.message == first.message }), report,
            FollowUps(report.verdict.messages[0], among: []))
        let lines = told.human.split(separator: "\n")
        #expect(
            lines.count { $0.contains(mark) } == 2 && lines.contains { $0.contains("declined") && $0.contains(mark) })
        // What the relay let out is no deed of the device.
        #expect(!lines.contains { $0.contains("let out") && $0.contains(mark) })
        let states = told.object["states"]?.array ?? []
        #expect(states.map { $0["device_revoked"]?["reason"]?.string } == ["left on a train", "left on a train"])
    }

    /// Nothing is no count, and what was kept before is no verdict on it.
    @Test func aTextOfAPeriodBehindAnExportSaysThatNothingIsKnown() async throws {
        let world = Self.story()
        let verdict = try await world.audit()
        for (from, isKnown) in [("2026-11-23", true), ("2026-11-25", false)] {
            let request = ReportRequest(
                period: ReportPeriod(from: from, to: "2026-11-25", zone: .utc)!, generated: world.now, isPresent: false)
            let report = try PeriodReport(verdict, request)
            let text = ReportText(report, isMorning: false).text(columns: nil)
            #expect(text.contains("\nWARNING     the export's logs end at 2026-11-23 03:"))
            #expect(text.contains("\nverdict     every promise") == isKnown)
            #expect(text.contains("\nverdict     NONE: nothing of this period is known\n") != isKnown)
            #expect(text.contains("unexplained 0") == isKnown)
            #expect(ReportText.totals(report).contains("nothing is known of this period") != isKnown)
        }
    }

    /// A call with the default lifetime expires the day after: a morning that left it out would never tell it.
    @Test func aMorningTellsWhatExpiredOfTheDayBefore() async throws {
        let world = World.practice()
        let sent = world.play("expired", to: "bo", lifeSeconds: 86_400, [.delivered])
        world.play("waits", to: "bo", lifeSeconds: 172_800, [.delivered])
        world.now = max(world.now, sent.expires)
        world.unanswered(sent)
        world.send("reply", from: "bo", to: "ivy", reference: .inReplyTo(sent.message))
        let text = try await Self.text(world, from: "2026-11-24")
        #expect(text.contains("\nEXPIRED UNANSWERED, FROM BEFORE (1), times in UTC\n"))
        #expect(text.contains("\nNO ANSWER YET, FROM BEFORE (1), times in UTC\n"))
        #expect(
            text.contains("\nfrom before 1 expired unanswered, 1 without an answer yet: of messages that were accepted")
        )
        #expect(text.contains("messages    1 message: 1 without an answer yet (1 of them a reply, not fetched yet)"))
        #expect(text.contains("waiting; a reply") && !text.contains("The relay accepted no message."))
    }

    @Test func aReportFitsATerminalAndIsWholeElsewhere() async throws {
        func widest(_ columns: Int?) async throws -> Int {
            try await Self.text(Self.story(), columns: columns).split(separator: "\n").map { TextWidth.of(String($0)) }
                .max() ?? 0
        }
        #expect(try await widest(80) <= 80)
        #expect(try await widest(nil) > 80)
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

    /// What a damaged copy does not verify accuses nobody.
    @Test func aDamagedCopyAccusesNobodyOfItsMessages() {
        func line(_ isWhole: Bool, _ isDamagedCopy: Bool) -> String {
            AuditReport.messageLine(19, unsound: 3, isWhole: isWhole, isDamagedCopy: isDamagedCopy)
        }
        #expect(line(true, false) == "messages      19, of which 3 with a broken promise of the relay")
        #expect(line(true, true) == "messages      19, of which 3 not verified in this copy")
        #expect(line(false, true).hasSuffix("none is proven: the logs in this copy are not what was signed"))
        #expect(line(false, false).hasSuffix("none is proven: the logs are not what was signed"))
    }
}
