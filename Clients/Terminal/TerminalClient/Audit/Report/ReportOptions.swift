import ArgumentParser
import Auditing
import DeviceKit
import Statements

/// What a report is about, and what it is read from.
struct ReportOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "The first day (2026-11-01); or a time of the last 24 hours (06:00) by the clocks of --zone, how long ago (8h), or a "
                + "moment (2026-11-01T06:00:00Z).", valueName: "date"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The last day, which is in it; or a time or moment as of --from, which is not.", valueName: "date"))
    var to: String?

    @Flag(help: "The 24 hours until now, or until --to: message by message, what nobody answered first.")
    var morning = false

    @Option(
        help: ArgumentHelp(
            "The time zone of days and hours, as America/Chicago.", valueName: "zone"))
    var zone = "UTC"

    @Flag(
        help: ArgumentHelp(
            "Leave the names of members out: ids alone. Left out, too, is what somebody typed and may hold a name: labels of "
                + "devices, reasons of revocations, names of witnesses, and the sentences of findings."))
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
                "no_zone", .usage, "--zone takes no \"\(self.zone)\": this machine knows no time zone of that name",
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
            return ReportPeriod(dayBefore: try Self.moment(to, "--to", ReportPeriod.end(to, zone), zone, now))
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
        let start = try Self.moment(from, "--from", ReportPeriod.start(from, zone), zone, now)
        let end = try Self.moment(to, "--to", ReportPeriod.end(to, zone), zone, now)
        guard let period = ReportPeriod(start: start, end: end) else {
            throw DeviceKitError(
                "bad_period", .usage,
                "the period from \"\(from)\" to \"\(to)\" ends before it begins: it is understood as \(zone.minute(start)) to "
                    + "\(zone.minute(end)), \(zone.name)", next: "give the earlier one to --from")
        }
        return period
    }

    /// - Parameter moment: What the text is as a day or a moment of UTC; other commands take more, and so does this one.
    private static func moment(
        _ text: String, _ option: String, _ moment: Timestamp?, _ zone: ReportZone, _ now: Timestamp
    ) throws(DeviceKitError) -> Timestamp {
        if let moment { return moment }
        // By the report's clocks, as its days are: they need not be those of this machine.
        if let (hour, minute) = ClockTime.hourAndMinute(text) {
            if let time = zone.last(hour: hour, minute: minute, now: now) { return time }
        } else if let time = try? Moment.parse(text, option: option, now: now) {
            return time
        }
        throw DeviceKitError(
            "bad_period", .usage, "\(option) takes no \"\(text)\": it is neither a day nor a time",
            next: "give a day as 2026-11-01, a time of the last 24 hours as 06:00, or a moment as 2026-11-01T06:00:00Z")
    }

    /// Why nothing can be in a report's period yet; `nil` when something can.
    static func warning(_ request: ReportRequest) -> String? {
        guard request.period.start > request.generated else { return nil }
        return
            "the period begins at \(request.zone.minute(request.period.start)), \(request.zone.name), which has yet to come: "
            + "the report can hold nothing"
    }
}

/// The forms that a report has.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case html, csv, ndjson, fhir, text

    /// In capitals, too: people write the names of formats so.
    init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
