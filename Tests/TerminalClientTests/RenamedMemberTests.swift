import ArgumentParser
import AuditSupport
import DeviceKit
import Membership
import SignerSupport
import Statements
import Testing

@testable import Auditing
@testable import TerminalClient

/// Bo reads a call, is renamed by an admin, and reads another: each act is told of the name under which it was done.
/// Else one admin could put it on whoever bears a name.
@Suite struct RenamedMemberTests {
    private static func story() -> World {
        let world = World.practice()
        let first = world.send("first", served: ["bo"])
        world.receipt(.read, of: first, by: "bo")
        world.wait(seconds: 60)
        world.rename("bo", as: "scapegoat")
        world.wait(seconds: 60)
        let second = world.send("second", served: ["bo"])
        world.receipt(.read, of: second, by: "bo")
        return world
    }

    @Test func aViewTellsBothNames() {
        let world = Self.story()
        let view = world.view
        #expect(view.displayName(of: .named("bo"), at: World.start) == "bo (now called scapegoat)")
        #expect(view.displayName(of: .named("bo"), at: world.now) == "scapegoat")
        #expect(view.displayName(of: .named("ivy"), at: World.start) == "ivy")
        #expect(view.displayName(of: .named("nobody"), at: world.now) == "\(MemberID.named("nobody"))")
        #expect(view.name(of: .named("nobody"), at: world.now) == nil)
    }

    /// What was done under a name is asked by that name, also when its bearer has another one, or somebody else has it.
    @Test func aFormerNameFindsWhoHadItWhereAnAuditorAsks() throws {
        let world = Self.story()
        let (bo, notes) = try NamedMember.asked("bo", in: world.view)
        #expect(bo.id == .named("bo") && notes.count == 1)
        #expect(notes.first?.contains("\(MemberID.named("bo")) was, now called \"scapegoat\"") == true, "\(notes)")
        #expect(try NamedMember.asked("scapegoat", in: world.view).notes.isEmpty)

        world.wait(seconds: 60)
        world.rename("ivy", as: "bo", roles: [.intake])
        let (newcomer, told) = try NamedMember.asked("bo", in: world.view)
        #expect(newcomer.id == .named("ivy") && told.count == 1)
        #expect(
            told.first?.contains("another member was called \"bo\": \(MemberID.named("bo")), now called \"scapegoat\"")
                == true,
            "\(told)")
        #expect(try MessageFilterOptions.parse(["--to", "bo"]).notes(world.view) == told)

        world.wait(seconds: 60)
        world.rename("ivy", as: "iris", roles: [.intake])
        let several = #expect(throws: DeviceKitError.self) { try NamedMember.asked("bo", in: world.view) }
        #expect(several?.code == "ambiguous_member" && several?.message.contains("\(MemberID.named("ivy"))") == true)
    }

    /// Nothing goes to somebody because of a name that they had once.
    @Test func aFormerNameSelectsNobodyToWriteTo() {
        let world = Self.story()
        let error = #expect(throws: DeviceKitError.self) { try world.view.member(typed: "bo") }
        #expect(error?.code == "no_such_member")
        #expect(
            error?.next.hasPrefix("so was called before: scapegoat (\(MemberID.named("bo")))") == true,
            "\(error?.next ?? "")")
    }

    @Test func aMessageTellsTheNameAtItsPlace() async throws {
        let verdict = try await Self.story().audit()
        let report = AuditReport(verdict)
        let told = verdict.messages.map { MessageReport($0, report, FollowUps($0, among: [])) }
        #expect(told[0].human.contains("read  bo (now called scapegoat)  dev-"), "\(told[0].human)")
        #expect(told[0].human.contains("  to       bo (now called scapegoat)  "))
        #expect(told[1].human.contains("read  scapegoat  dev-") && !told[1].human.contains("now called"))
        let object = told[0].object
        #expect(object["addressed"]?["name"]?.string == "bo")
        #expect(object["addressed"]?["name_now"]?.string == "scapegoat")
        let act = try #require(object["states"]?.array?.last)
        #expect(act["name"]?.string == "bo" && act["name_now"]?.string == "scapegoat")
        #expect(told[1].object["addressed"]?["name"]?.string == "scapegoat")
        #expect(told[1].object["addressed"]?["name_now"] == nil)
    }

    @Test func aFindingTellsTheNameAtItsPlace() async throws {
        let world = World.practice()
        let sent = world.send("m")
        world.receipt(.delivered, of: sent, by: "bo")
        world.wait(seconds: 60)
        world.rename("bo", as: "scapegoat")
        let finding = try #require(try await world.audit().findings.first { $0.code == .notServed })
        #expect(finding.sentence.contains("(bo)") && !finding.sentence.contains("scapegoat"))
    }

    @Test func aDeviceTellsTheNamesAtItsMessages() async throws {
        let world = Self.story()
        var audit = Audit()
        audit.organisation = world.organisation
        audit.detail = .devices([.named("ivy")])
        let verdict = try await audit.run(world.source)
        let history = try #require(try await RosterHistory.read(world.source, organisation: world.organisation))
        let device = try #require(history.view.device(.named("ivy")))
        let look = LoggedLook(entry: 7, reason: .investigation)
        let report = try DeviceReport(device, AuditedAnswer(verdict: verdict, history: history, look: look))
        #expect(report.sentTable.contains("bo (now called scapegoat)"))
        let sent = report.story.sent.map { report.document(sent: $0) }
        #expect(sent.map { $0["to_name"]?.string } == ["bo", "scapegoat"])
        #expect(sent.map { $0["to_name_now"]?.string } == ["scapegoat", nil])
    }

    @Test func aLookTellsWhoLookedThen() async throws {
        let world = World.practice()
        let sent = world.send("m")
        world.look(by: "udo", .message, .message(sent.message))
        world.wait(seconds: 60)
        world.rename("udo", as: "scapegoat", roles: [.auditor])
        let verdict = try await world.audit()
        let accesses = try verdict.accesses()
        let report = AuditReport(verdict)
        #expect(AuditAccessesCommand.human(accesses, report, .init()).contains("udo (now called scapegoat)"))
        // What was looked at has its name of then as well.
        let known = AuditAccessesCommand.Known(subjects: [.message(sent.message): .device(.named("udo"))])
        let document = AuditAccessesCommand.document(accesses[0], report, known)
        #expect(document["name"]?.string == "udo" && document["name_now"]?.string == "scapegoat")
        #expect(document["about"]?.string == "\(DeviceID.named("udo")) (udo (now called scapegoat))")
    }

    /// On the device that holds the key no other one is named: what tells is the question itself.
    @Test func aPatientsHashIsToldByAskingAgain() async throws {
        let world = World.practice()
        let key = try #require(world.view.auditKey).id
        world.look(by: "udo", .patient, .query(key: .auditKey(key), hash: .of("p-1")))
        let verdict = try await world.audit()
        let accesses = try verdict.accesses()
        let report = AuditReport(verdict)
        let held = AuditAccessesCommand.Known(auditKey: key)
        #expect(AuditAccessesCommand.human(accesses, report, held).contains(": \"audit patient ID\" tells"))
        #expect(AuditAccessesCommand.document(accesses[0], report, held)["query"]?["held"]?.bool == true)
        #expect(AuditAccessesCommand.human(accesses, report, .init()).contains("named where \(key) is held"))
        #expect(AuditAccessesCommand.document(accesses[0], report, .init())["query"]?["held"]?.bool == false)
    }

    @Test func evidenceTellsTheNameAtAnEntrysPlace() throws {
        let world = Self.story()
        var verdict = EvidenceVerdict()
        verdict.view = world.view
        for (index, bytes) in world.activity.entries.enumerated() {
            let entry = try Entry(parsing: bytes)
            guard case .receipt(let receipt, _) = try ActivityStatement(parsing: entry.body) else { continue }
            verdict.events.append(.init(index: UInt64(index), logged: entry.time, kind: .receipt(receipt)))
        }
        let words = EvidenceWords(verdict: verdict)
        let sentences = verdict.events.map { words.text($0) }
        #expect(sentences[0].hasPrefix("READ by bo (now called scapegoat) [1]"), "\(sentences)")
        #expect(sentences[1].hasPrefix("READ by scapegoat [1]"), "\(sentences)")
        #expect(words.text(words.devices[0]).contains("bo (now called scapegoat), "))
    }
}

extension World {
    /// An admin gives a member another name.
    fileprivate func rename(_ member: String, as name: String, roles: Set<Role> = [.provider]) {
        let current = self.member(member, roles: roles)
        commit(
            MemberStatement(
                organisation: current.organisation, seen: current.seen, at: current.at, replaces: current.replaces,
                member: current.member, name: .words(name), roles: current.roles, status: current.status),
            by: roles.contains(.auditor) ? World.quorum : [.device("ana")])
    }
}
