import Foundation
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// What was answered on a device that is revoked by now may not be its owner's deed.
@Suite struct RevokedDeviceTests {
    private static let mark = "on a device since revoked (left on a train)"

    private static func world() -> World {
        let world = World.practice()
        world.play("declined", to: "bo", [.delivered, .declined])
        world.play("unread", to: "bo", [.delivered, .closed])
        let closed = world.play("closed", to: "bo", [.delivered, .acknowledged])
        world.serve(closed, to: "tablet")
        world.receipt(.closed, of: closed, by: "tablet")
        world.wait(seconds: 1)
        return world
    }

    @Test func everyFormMarksIt() async throws {
        let world = Self.world()
        let before = String(decoding: ReportPage(try await world.report().report, kind: .morning).bytes, as: UTF8.self)
        #expect(!before.contains("on a device since revoked ("))
        world.revoke("bo")
        let at = world.now
        let (report, verdict) = try await world.report()
        #expect(verdict.ok)
        let page = String(decoding: ReportPage(report, kind: .morning).bytes, as: UTF8.self)
        // Who declined, who closed unread, and in the list of all who took up.
        #expect(page.components(separatedBy: ">bo, \(Self.mark)</td>").count == 4)
        let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
        let told = #""device_revoked":{"at":"\#(at)","reason":"left on a train"}"#
        #expect(json.contains(#""action":"declined","reason":"not_mine",\#(told)}"#))
        var lines: [String] = []
        try ReportLines(report).write(verdict) { lines.append(String(decoding: $0, as: UTF8.self)) }
        let facts = lines.filter { $0.contains(#""type":"fact""#) }
        // Its six receipts, and nothing that the relay did.
        #expect(facts.count { $0.contains(told) } == 6)
        #expect(facts.filter { $0.contains(#""fact":"served""#) }.allSatisfy { $0.contains(#""device_revoked":null"#) })
        let table = try #require(report.tables.first { $0.name == "messages" })
        var rows: [[String: String]] = []
        try ReportFolder.rows(of: table.name, report, verdict) { cells in
            let fields = try ReportTextTests.read(CSVText.row(cells))[0]
            rows.append(Dictionary(uniqueKeysWithValues: zip(table.columns.map(\.key), fields)))
        }
        #expect(rows.map { $0["declined_device_revoked"] } == ["\(at)", "", ""])
        #expect(rows.map { $0["closed_device_revoked_reason"] } == ["", "left on a train", ""])
        #expect(rows.map { $0["taken_up_device_revoked_reason"] } == ["", "", "left on a train"])
        // The name alone, as before.
        #expect(rows[0]["declined_by"] == "bo")
    }

    @Test func whoClosedWhatAnotherDeviceTookUpIsMarkedByItself() async throws {
        let world = Self.world()
        world.revoke("tablet")
        let report = try await world.report().report
        let line = try #require(report.listed(.outcome(.closed)).first.first { $0.message == .named("closed") })
        #expect(report.mark(of: line.told) == "" && report.closingMark(of: line) == ", \(Self.mark)")
        let page = String(decoding: ReportPage(report, kind: .morning).bytes, as: UTF8.self)
        #expect(page.contains(">closed, \(Self.mark)</td>"))
    }

    /// Who typed a reason may have typed a name.
    @Test func theReasonIsLeftOutWhereNamesAre() async throws {
        let world = Self.world()
        world.revoke("bo")
        let (report, verdict) = try await world.report { $0.showsNames = false }
        let page = String(decoding: ReportPage(report, kind: .morning).bytes, as: UTF8.self)
        #expect(page.contains(", on a device since revoked</td>"))
        var bytes = try report.document(verdict).bytes + ReportPage(report).bytes
        try ReportLines(report).write(verdict) { bytes += $0 }
        for table in report.tables {
            bytes += CSVText.of(table)
            try ReportFolder.rows(of: table.name, report, verdict) { bytes += CSVText.row($0) }
        }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("left on a train"))
    }
}
