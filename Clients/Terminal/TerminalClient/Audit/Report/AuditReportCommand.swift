import ArgumentParser
import Auditing
import DeviceKit
import Statements

/// `nightbell audit report`.
struct AuditReportCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Report on the messages of a period, for people and for programs.",
        discussion: """
            Both logs are audited first, and what was found stands before everything else. The formats: "html" is \
            one page that needs nothing else, to be read or printed; "csv" is a new folder with one file for each table; \
            "ndjson" has a line for each message and each thing that happened to it; "fhir" has a FHIR R4 AuditEvent for each of \
            them; "text" is for a terminal. Without --out the report goes to standard output. --json prints one object with \
            every total, whatever is written to --out.

            No format holds what a message says. Whom messages are about is told only with --patients: the look is logged first, \
            with its reason, and then the capsules are opened here. A report may identify an episode all the same: keep it as you \
            keep records. A broken promise makes the exit code 65; the report is written all the same.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var report: ReportOptions

    @Option(help: "The form: html, csv, ndjson, fhir or text; text with --morning, html otherwise.")
    var format: ReportFormat?

    @Option(
        help: ArgumentHelp(
            "A file that does not exist yet; for csv, a folder.", valueName: "path"), completion: .file())
    var out: String?

    @Flag(help: "Name patients and practices, from the capsules; the look is logged first.")
    var patients = false

    @OptionGroup var look: LookOptions

    /// A report of an export that was changed is one all the same: that nothing is proven stands before everything else. Of one
    /// that lacks entries there is none: its figures would say what did not happen.
    private var run: AuditRun { AuditRun(detail: .all, listsMessages: false, telling: .whatIsThere) }

    func perform(_ context: CommandContext) async throws {
        let console = context.console
        var request = try report.request(now: .now())
        let format = format ?? (report.morning ? .text : .html)
        try checkPlace(format, console)
        if let warning = ReportOptions.warning(request) { console.warn(warning) }
        do {
            try look.check("--patients", isAsked: patients, hasCapsules: report.export == nil)
            if report.export != nil {
                let verdict = try await run.perform(report.source, context)
                context.warnOfAnotherOrganisation(verdict.organisation, named: try report.source.organisation())
                return try tell(
                    try PeriodReport(verdict, request, detail: detail(format, console)), verdict, format, console)
            }
            let reason = patients ? try look.reason(console) : nil
            let organisation = try report.source.organisation()
            try await context.withSession { session in
                request.device = session.identity.device
                guard let reason else {
                    let verdict = try await run.perform(session, organisation: organisation, context)
                    return try tell(
                        try PeriodReport(verdict, request, detail: detail(format, console)), verdict, format, console)
                }
                // Before anything is opened: a look that could not be logged shows nothing.
                try session.check(isOf: organisation)
                try await session.refresh()
                try session.checkOpensCapsules()
                let entry = try await session.logged(.report, reason: reason).entry
                var indexed = run
                indexed.indexes = true
                let verdict = try await indexed.perform(session, organisation: organisation, context)
                let indexing = PatientIndexing(session)
                try await indexing.bringUpToDate()
                try indexing.check(against: verdict)
                var period = try PeriodReport(verdict, request, detail: detail(format, console))
                let lookup = session.capsuleLookup()
                let subjects = MessageSubjects(try ReferenceChains(verdict), capsule: lookup)
                try period.name(
                    ReportSubjects(look: entry, reason: reason) { message in
                        if let subject = try subjects.subject(of: message) {
                            return ReportSubjects.Subject(patient: subject.patient, practice: subject.practice)
                        }
                        guard let content = try lookup(message)?.content else { return nil }
                        return ReportSubjects.Subject(patient: nil, practice: content.practice)
                    })
                try tell(period, verdict, format, console)
            }
        } catch let error as AuditError {
            throw DeviceKitError(error)
        } catch let error as DeviceKitError where !patients {
            throw error.orOfExport
        }
    }

    /// How much of the report is needed. A text has no other rows to look at, and a morning's list must be whole.
    private func detail(_ format: ReportFormat, _ console: Console) -> PeriodReport.Detail {
        switch format {
        case .html: .lists(PeriodReport.pageLength)
        case .text: .lists(10_000)
        case .csv: .figures
        case .ndjson, .fhir: console.isJSON ? .figures : .counts
        }
    }

    private func tell(
        _ period: PeriodReport, _ verdict: AuditVerdict, _ format: ReportFormat, _ console: Console
    ) throws {
        if let out { try write(period, verdict, format, to: out) }
        // For programs, too, whose forms have no place for a sentence.
        if let warning = period.coverageWarning { console.warn(warning) }
        if console.isJSON {
            let whole = try period.document(verdict)
            let document = out.map { whole.adding("file", .string($0)) } ?? whole
            console.output(document.bytes + [UInt8(ascii: "\n")])
        } else if let out {
            let look = period.subjects.map { "\n" + LoggedLook(entry: $0.look, reason: $0.reason).words } ?? ""
            console.output("\(SafeText.line(out)): \(ReportText.totals(period))\(look)\n")
        } else {
            try each(period, verdict, format, columns: console.columns) { console.output($0) }
            // A text says it itself; what is for programs has no place for it.
            if format != .text, let look = period.subjects {
                console.say(LoggedLook(entry: look.look, reason: look.reason).words)
            }
        }
        try AuditReport(verdict).end(console, tellsFindings: true)
    }

    /// Before anything is asked for: a mistake of typing costs no replay.
    private func checkPlace(_ format: ReportFormat, _ console: Console) throws {
        if let out { try PersonsFile.checkIsFree(format == .csv ? FolderName.plain(out) : out) }
        if format == .csv, out == nil, !console.isJSON {
            throw DeviceKitError(
                "no_folder", .usage, "a report in CSV is a folder of several files",
                next: "name a folder that does not exist yet with --out DIR")
        }
        guard format == .html, out == nil, !console.isJSON, console.columns != nil else { return }
        throw DeviceKitError(
            "no_file", .usage, "a page is nothing to read in a terminal",
            next: "name a file with --out FILE, or ask for --format text")
    }

    private func write(
        _ period: PeriodReport, _ verdict: AuditVerdict, _ format: ReportFormat, to path: String
    ) throws {
        guard format != .csv else { return try ReportFolder.write(period, verdict, to: path) }
        let file = try DurableFile(at: path)
        try each(period, verdict, format, columns: nil) { bytes in try file.write(bytes) }
        try file.finish()
    }

    /// Hands the report over, piece by piece.
    private func each(
        _ period: PeriodReport, _ verdict: AuditVerdict, _ format: ReportFormat, columns: Int?,
        _ body: ([UInt8]) throws -> Void
    ) throws {
        switch format {
        case .html: try body(ReportPage(period, kind: report.morning ? .morning : .period).bytes)
        case .ndjson: try ReportLines(period).write(verdict, to: body)
        case .fhir: try AuditEventLines(period).write(verdict, to: body)
        case .text:
            try body(Array((ReportText(period, isMorning: report.morning).text(columns: columns) + "\n").utf8))
        case .csv: preconditionFailure("a folder is written as a whole")
        }
    }
}
