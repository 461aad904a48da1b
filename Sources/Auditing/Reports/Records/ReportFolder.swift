import Secrets
import Statements

/// A report's tables as a folder of CSV files, one a table, and a file that says what they are of.
public enum ReportFolder {
    /// What of each message was logged, for `facts.csv`.
    static let factColumns = [
        "message", "fact", "reason", "device", "member", "name", "signed", "logged", "index", "device_revoked",
        "device_revoked_reason",
    ]

    /// Writes to a new folder, which appears under its name when it is whole and durable. Nothing but one message's rows is
    /// held.
    /// - Parameter verdict: The one that the report was computed from.
    /// - Throws: ``AuditError/Code/wouldOverwrite``, ``AuditError/Code/unwritable``, and what
    ///   ``AuditVerdict/forEachMessage(_:_:)`` throws.
    public static func write(_ report: PeriodReport, _ verdict: AuditVerdict, to path: String) throws {
        var folder = try DurableFolder(at: path)
        do {
            try folder.write(CSVText.of(summary(report)), to: "report.csv")
            for table in report.tables {
                try folder.write(to: "\(table.name).csv") { write in
                    try write(CSVText.of(table))
                    try rows(of: table.name, report, verdict) { try write(CSVText.row($0)) }
                }
            }
            try folder.write(to: "facts.csv") { try facts(report, verdict, to: $0) }
            try folder.finish()
        } catch {
            folder.discard()
            throw error
        }
    }

    /// The rows of a table that are too many to be in it.
    static func rows(
        of table: String, _ report: PeriodReport, _ verdict: AuditVerdict, to body: ([ReportTable.Cell]) throws -> Void
    ) throws {
        let period = report.request.period
        switch table {
        case "messages":
            try verdict.forEachMessage { message in
                guard period.contains(message.logged) else { return }
                try body(report.cells(report.line(of: message)))
            }
        case "older_open":
            try verdict.forEachMessage { message in
                guard message.olderLists(in: period).contains(.olderOpen) else { return }
                try body(report.cells(report.line(of: message)))
            }
        case "older_missed":
            try verdict.forEachMessage { message in
                guard message.olderLists(in: period).contains(where: ReportList.olderMissed.contains) else { return }
                try body(report.cells(report.line(of: message)))
            }
        case "looks":
            try verdict.forEachAccess { look in
                guard period.contains(look.logged) else { return }
                try body(report.cells(look))
            }
        default: break
        }
    }

    private static func facts(
        _ report: PeriodReport, _ verdict: AuditVerdict, to body: ([UInt8]) throws -> Void
    ) throws {
        try body(CSVText.line(factColumns))
        try verdict.forEachMessage { message in
            guard report.request.period.contains(message.logged) else { return }
            for fact in message.facts {
                let revocation = report.revocation(fact)
                let why = report.request.showsNames ? revocation?.reason : nil
                try body(
                    CSVText.line([
                        "\(message.message)", fact.word, fact.reason ?? "", fact.device.map { "\($0)" } ?? "",
                        fact.member.map { "\($0)" } ?? "", CSVText.words(report.names.name(fact.member) ?? ""),
                        "\(fact.at)", "\(fact.logged)", "\(fact.index)",
                        revocation.map { "\($0.at)" } ?? "", CSVText.words(why ?? ""),
                    ]))
            }
        }
    }

    /// What the tables are of: name and value.
    static func summary(_ report: PeriodReport) -> ReportTable {
        let total = report.total
        var rows: [(String, ReportTable.Cell)] = [
            ("report", .word("nightbell.report/1")), ("ok", .word(report.ok ? "yes" : "no")),
            ("organisation", .id(report.organisation?.description ?? "")),
            ("organisation_name", .text(orNone: report.organisationName)),
            ("period_start", .time(report.request.period.start)), ("period_end", .time(report.request.period.end)),
            ("zone", .word(report.request.zone.name)), ("generated", .time(report.request.generated)),
            ("generated_by_device", .id(report.request.device?.description ?? "")),
            ("generated_by_member", .id(report.asker?.description ?? "")), ("as_of", .time(report.asOf)),
            ("roster_size", .count(Int(report.roster?.size ?? 0))),
            ("roster_root", .id(report.roster?.root.description ?? "")),
            ("activity_size", .count(Int(report.activity?.size ?? 0))),
            ("activity_root", .id(report.activity?.root.description ?? "")),
            ("messages", .count(total.messages)), ("replies", .count(report.replies)),
            ("forwards", .count(report.forwards)), ("not_verified", .count(report.unsound)),
        ]
        rows += MessageOutcome.allCases.map { ($0.rawValue, .count(total[$0])) }
        rows += MessageMark.allCases.map { ($0.rawValue, .count(total[$0])) }
        rows += [("taken_up", .count(report.takenUp)), ("older_open", .count(report.listed(.olderOpen).count))]
        rows += ReportList.older.filter { $0 != .olderWaiting }.map {
            ($0.olderName ?? "", .count(report.listed($0).count))
        }
        rows += [("open_replies", .count(report.waitingReplies)), ("covered", .word(report.coverage.rawValue))]
        return ReportTable(
            "report", "What this folder is a report of", [.init("name", "Name"), .init("value", "Value")],
            rows.map { [.word($0.0), $0.1] })
    }
}
