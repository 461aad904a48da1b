import ArgumentParser
import Auditing
import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What `audit report` takes for its period, and what it says of itself.
@Suite struct ReportOptionsTests {
    private static let now = Timestamp(Array("2026-11-23T18:30:00.000Z".utf8))!

    private static func period(_ words: String...) throws -> [String] {
        let period = try ReportOptions.parse(words).request(now: now).period
        return ["\(period.start)", "\(period.end)"]
    }

    /// As other commands take times; by the clocks of the report's zone, as its days are.
    @Test func aTimeOfTheLastDayIsATime() throws {
        #expect(
            try Self.period("--morning", "--to", "12:52") == ["2026-11-22T12:52:00.000Z", "2026-11-23T12:52:00.000Z"])
        #expect(
            try Self.period("--morning", "--to", "19:00") == ["2026-11-21T19:00:00.000Z", "2026-11-22T19:00:00.000Z"])
        #expect(
            try Self.period("--from", "22:00", "--to", "7:05", "--zone", "America/Chicago") == [
                "2026-11-23T04:00:00.000Z", "2026-11-23T13:05:00.000Z",
            ])
        #expect(
            try Self.period("--from", "8h", "--to", "2026-11-23T19:00:00+01:00") == [
                "2026-11-23T10:30:00.000Z", "2026-11-23T18:00:00.000Z",
            ])
        #expect(
            try Self.period("--from", "2026-11-22", "--to", "2026-11-22") == [
                "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z",
            ])
    }

    @Test(arguments: ["24:00", "12:60", "noon", "2026-11-23T18:00:00", "2026-02-30", ""])
    func whatIsNoTimeIsRefused(_ text: String) {
        #expect(throws: DeviceKitError.self) { try Self.period("--morning", "--to", text) }
    }

    /// Whoever hands a report on knows what is in it.
    @Test func theHelpSaysWhatIsLeftOutWithTheNames() {
        let help = AuditReportCommand.helpMessage(columns: 10_000)
        for words in ["labels of devices", "reasons of revocations", "names of witnesses"] {
            #expect(help.contains(words), "\(words)")
        }
    }
}
