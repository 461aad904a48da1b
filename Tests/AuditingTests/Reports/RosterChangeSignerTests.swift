import Foundation
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// Who did a change of the roster, in every form: whoever signed it, and never the relay, which only keeps the log.
@Suite struct RosterChangeSignerTests {
    private static func change(_ kind: RosterChange.Kind, in report: PeriodReport) throws -> RosterChange {
        try #require(report.changes.last { $0.kind == kind })
    }

    /// Each change's agents: who, whose, and whether it is the one that did it.
    private static func agents(
        _ report: PeriodReport, _ verdict: AuditVerdict
    ) throws -> [(word: String, agents: [[String]])] {
        var events: [(word: String, agents: [[String]])] = []
        try AuditEventLines(report).write(verdict) { line in
            let event = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            let subtypes = try #require(event["subtype"] as? [[String: Any]])
            let agents = try #require(event["agent"] as? [[String: Any]]).map { agent in
                let who = (agent["who"] as? [String: Any])?["identifier"] as? [String: Any]
                return [
                    who?["value"] as? String ?? "", agent["altId"] as? String ?? "",
                    "\(agent["requestor"] as? Bool ?? false)",
                ]
            }
            events.append((subtypes.last?["code"] as? String ?? "", agents))
        }
        return events
    }

    @Test func everyChangeIsItsSignersDeed() async throws {
        let world = World.practice()
        world.wait(seconds: 60)
        world.revoke("tablet")
        let (report, verdict) = try await world.report()
        let quorum = World.quorum.map { DeviceID($0.noteName)! }
        let members = quorum.map { $0 == .named("ana") ? MemberID.named("ana") : .named("max") }
        let invitation = try Self.change(.invitationIssued, in: report)
        let (enrolled, revoked) = (
            try Self.change(.deviceEnrolled, in: report), try Self.change(.deviceRevoked, in: report)
        )
        let keySet = try Self.change(.auditKeySet, in: report)
        #expect(report.signers(of: invitation) == "ana")
        #expect(report.signers(of: enrolled) == "udo, with an invitation")
        #expect(report.signers(of: revoked) == "ana" && revoked.member == .named("bo"))
        #expect(keySet.signers == zip(quorum, members).map { RosterChange.Signer.device($0, $1) })
        #expect(report.changes.allSatisfy { !$0.signers.isEmpty })
        #expect(report.changes[0].signers == keySet.signers, "the founders signed the first entry")

        let events = try Self.agents(report, verdict)
        func agents(_ word: String) -> [[String]]? { events.last { $0.word == word }?.agents }
        let ana = ["\(DeviceID.named("ana"))", "\(MemberID.named("ana"))"]
        #expect(agents("device_revoked") == [ana + ["true"]])
        #expect(
            agents("device_enrolled") == [
                ["\(DeviceID.named("udo"))", "\(MemberID.named("udo"))", "true"],
                ["\(InvitationID.named("udo"))", "", "false"],
            ])
        #expect(
            agents("audit_key_set") == [
                ["\(quorum[0])", "\(members[0])", "true"], ["\(quorum[1])", "\(members[1])", "false"],
            ])

        let page = String(decoding: ReportPage(report).bytes, as: UTF8.self)
        #expect(page.contains(">udo, with an invitation</td>"))
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        let by = #""by":[{"signer":"\#(ana[0])","member":"\#(ana[1])","name":"ana"}]"#
        #expect(json.contains(by))
        var lines = ""
        try ReportLines(report).write(verdict) { lines += String(decoding: $0, as: UTF8.self) }
        #expect(lines.contains(by))
        let table = try #require(report.tables.first { $0.name == "roster" })
        #expect(table.columns.map(\.key).suffix(5) == ["index", "by", "by_members", "signers", "label"])
        let rows = try ReportTextTests.read(CSVText.of(table))
        #expect(rows.last?.suffix(4) == ["ana", ana[1], ana[0], "tablet"])
    }

    /// Ids alone where names are not wanted.
    @Test func aSignersNameIsLeftOutAsEveryOther() async throws {
        let (report, verdict) = try await World.practice().report { $0.showsNames = false }
        let issued = try Self.change(.invitationIssued, in: report)
        #expect(report.signers(of: issued) == "\(MemberID.named("ana"))")
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(json.contains(#""member":"\#(MemberID.named("ana"))","name":null}]"#))
    }

    /// It is nobody's device.
    @Test func theRecoveryKeyIsCalledWhatItIs() async throws {
        let world = World.practice()
        let key = RecoveryPublicKey(
            signing: Signer.recovery("paper").key.verifyingKey,
            encapsulation: EncapsulationPrivateKey.named("paper").publicKey)
        world.commit(world.admins(recovery: key), by: World.quorum)
        world.wait(seconds: 73 * 3_600)
        world.commit(world.revocation("tablet"), by: [.recovery("paper")])
        let (report, verdict) = try await world.report(to: "2026-11-30")
        let revoked = try Self.change(.deviceRevoked, in: report)
        #expect(revoked.signers == [.recoveryKey] && report.signers(of: revoked) == "the recovery key")
        let event = try #require(try Self.agents(report, verdict).last { $0.word == "device_revoked" })
        #expect(event.agents == [["\(world.organisation)", "", "true"]])
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        #expect(json.contains(#""by":[{"signer":"recovery","member":null,"name":null}]"#))
    }
}
