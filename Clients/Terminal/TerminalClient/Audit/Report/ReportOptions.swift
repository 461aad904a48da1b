import ArgumentParser
import Auditing
import DeviceKit
import Statements

/// What a report is about, and what it is read from.
struct ReportOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "The first day (2026-11-01), or a moment of UTC (2026-11-01T06:00:00Z).", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last day, which is in it; or a moment, which is not.", valueName: "date"))
    var to: String?

    @Flag(help: "The 24 hours until now, or until --to: message by message, what nobody answered first.")
    var morning = false

    @Option(
        help: ArgumentHelp(
            "The time zone of days and hours, as America/Chicago.", valueName: "zone"))
    var zone = "UTC"

    @Flag(help: "Leave the names of members out: ids alone.")
    var withoutNames = false

    @Option(
        help: ArgumentHelp("Read an export instead of asking the relay; needs no profile.", valueName: "dir"),
        completion: .directory)
    var export: String?

    @OptionGroup var named: NamedOrganisation

    /// Where the logs are read.
    var source: AuditSourceOptions {
        var source = AuditSourceOptions()
        source.export = export
        source.named = named
        return source
    }

    /// - Throws: ``DeviceKitError`` of category `usage`.
    func request(now: Timestamp) throws -> ReportRequest {
        guard let zone = ReportZone(zone) else {
            throw DeviceKitError(
                "no_zone", .usage, "what was given with --zone is no time zone that this machine knows",
                next: "give a name of the time zone database, as America/Chicago or Europe/Berlin")
        }
        var request = ReportRequest(
            period: try period(zone, now: now), zone: zone, generated: now, isPresent: export == nil)
        request.showsNames = !withoutNames
        return request
    }

    private func period(_ zone: ReportZone, now: Timestamp) throws -> ReportPeriod {
        if morning, from == nil {
            guard let to else { return ReportPeriod(dayBefore: now) }
            guard let until = ReportPeriod(from: "1970-01-01", to: to, zone: zone) else { throw Self.badPeriod }
            return ReportPeriod(dayBefore: until.end)
        }
        guard !morning else {
            throw DeviceKitError(
                "bad_period", .usage, "a morning report is always of 24 hours",
                next: "leave --from out; --to says until when")
        }
        guard let from, let to else {
            throw DeviceKitError(
                "no_period", .usage, "a report needs a first and a last day",
                next: "add --from DATE and --to DATE, or --morning for the last 24 hours")
        }
        guard let period = ReportPeriod(from: from, to: to, zone: zone) else { throw Self.badPeriod }
        return period
    }

    private static let badPeriod = DeviceKitError(
        "bad_period", .usage, "what was given with --from and --to is no period",
        next: "give days as 2026-11-01, or moments of UTC as 2026-11-01T06:00:00Z, the first one first")
}

/// The forms that a report has.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case html, csv, ndjson, fhir, text
}
