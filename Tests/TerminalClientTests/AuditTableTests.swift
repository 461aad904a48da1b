import AuditSupport
import Auditing
import DeviceKit
import Membership
import SignerSupport
import Statements
import Testing

@testable import TerminalClient

/// An audit's tables on a terminal of 80 columns: what has no room beside moves below.
@Suite struct AuditTableTests {
    private static let columns = 80
    private let world: World
    private let asked: Sent
    private let reply: Sent

    init() throws {
        world = World.practice()
        asked = world.play("asked", to: "bo", urgency: .sameDay, [.delivered, .read])
        reply = world.send("reply", from: "bo", to: "ivy", reference: .inReplyTo(asked.message))
        world.look(
            by: "udo", .patient,
            .query(key: .auditKey(try #require(world.view.auditKey).id), hash: .of("p-1")))
    }

    private static func isNarrow(_ table: String) -> Bool {
        table.split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= columns }
    }

    @Test func aDevicesMessagesFit() async throws {
        let verdict = try await world.audit()
        let history = try #require(try await RosterHistory.read(world.source, organisation: world.organisation))
        let device = try #require(history.view.device(.named("bo")))
        let answer = AuditedAnswer(verdict: verdict, history: history, look: nil)
        let report = try DeviceReport(device, answer, columns: Self.columns)
        #expect(Self.isNarrow(report.receivedTable) && Self.isNarrow(report.sentTable), "\(report.receivedTable)")
        #expect(report.receivedTable.contains("prekey one-time"))
        #expect(!(report.receivedTable + report.sentTable).contains("same_day"))
        let wide = try DeviceReport(device, answer)
        #expect(!Self.isNarrow(wide.receivedTable) && wide.receivedTable.contains("  PREKEY"))
    }

    @Test func looksFit() async throws {
        let verdict = try await world.audit()
        let accesses = try verdict.accesses()
        let known = AuditAccessesCommand.Known()
        let table = AuditAccessesCommand.human(accesses, AuditReport(verdict), known, columns: Self.columns)
        #expect(Self.isNarrow(table) && table.contains("    hash "), "\(table)")
        #expect(!Self.isNarrow(AuditAccessesCommand.human(accesses, AuditReport(verdict), known)))
    }

    @Test func messagesFitAndSayWhatGoesBackToOthers() async throws {
        let verdict = try await world.audit()
        let report = AuditReport(verdict)
        let named = AuditMessagesCommand.Looked(
            look: LoggedLook(entry: 7, reason: .legal), capsules: [:],
            goingBack: [
                reply.message: .init(
                    patient: "MRN 4711 0815", practice: "The practice at the corner", message: asked.message)
            ])
        for looked in [nil, named] {
            let table = AuditMessagesCommand.human(
                verdict.messages, of: 2, report, looked, columns: Self.columns)
            #expect(Self.isNarrow(table) && table.contains("; a reply"), "\(table)")
            #expect(table.contains("patient MRN 4711 0815") == (looked != nil))
        }
    }
}
