import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Statements

/// `nightbell audit breach DEV`.
struct AuditBreachCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "breach",
        abstract: "Tell what a lost or stolen device held, about whom, and which deadlines run.",
        discussion: """
            Revoke the device first ("nightbell admin revoke"): this command changes nothing. The look is logged, with its \
            reason. It tells facts for the assessment under 45 CFR 164.402(2) and does the arithmetic of 164.404 to 164.410 from \
            the day of discovery; whether there was a breach it does not say. Which patients are concerned it tells on a device \
            that holds the audit key.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions
    @OptionGroup var look: LookOptions

    @Argument(help: "The device's id, or its beginning.")
    var device: String

    @Option(
        help: ArgumentHelp(
            "The first day on which somebody knew of it, or would have known with reasonable diligence, as YYYY-MM-DD; today "
                + "without it.", valueName: "date"))
    var discovered: String?

    func perform(_ context: CommandContext) async throws {
        let day = try Self.day(discovered)
        try await AuditQuestion(source: source, options: look, context: context).ask { view in
            let id = try view.device(beginning: device).id
            return (.breach(id), .devices([id]))
        } _: { answer, session in
            let report = try DeviceReport(answer.history.view.device(beginning: device), answer)
            let breach = BreachReport(
                report, patients: try await Self.patients(report, answer, session), discovered: day,
                isGiven: discovered != nil)
            context.console.result(breach.document, human: breach.human)
            try answer.report.end(context.console, tellsFindings: false)
        }
    }

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no day, or lies ahead.
    private static func day(_ text: String?) throws(DeviceKitError) -> CalendarDay {
        let date = LocalTime.date(.now())
        guard let today = CalendarDay(year: date.year, month: date.month, day: date.day) else {
            throw DeviceKitError(
                "clock", .failed, "this machine's clock shows no day that can be counted from", next: "set the clock")
        }
        guard let text else { return today }
        guard let day = CalendarDay(text), day <= today else {
            throw DeviceKitError(
                "bad_date", .usage, "the day of discovery is no day, or has not come yet",
                next: "give it as YYYY-MM-DD, for example --discovered \(today)")
        }
        return day
    }

    /// Whom the messages that the device could open are about; `nil` where no capsule can be opened.
    private static func patients(
        _ report: DeviceReport, _ answer: AuditedAnswer, _ session: DeviceSession?
    ) async throws -> BreachPatients? {
        guard let session, try session.withAuditKey({ _ in true }) == true else { return nil }
        let indexing = PatientIndexing(session)
        try await indexing.bringUpToDate()
        try indexing.check(against: answer.verdict)
        let exposed = BreachReport.exposed(report.story)
        let subjects = MessageSubjects(try ReferenceChains(answer.verdict), capsule: session.capsuleLookup())
        return try BreachPatients(exposed, subjects)
    }
}

/// Whom a set of messages is about, as far as their capsules say.
struct BreachPatients {
    /// By identifier as the senders wrote it, with the messages.
    let named: [(patient: String, messages: [MessageID])]
    /// Messages of which nobody can tell here.
    let unknown: [MessageID]

    init(_ messages: [MessageID], _ subjects: MessageSubjects) throws {
        // Whoever writes an identifier in capitals means the same patient.
        var found: [PatientName: (patient: String, messages: [MessageID])] = [:]
        var order: [PatientName] = []
        var unknown: [MessageID] = []
        for message in messages {
            guard let patient = try subjects.subject(of: message)?.patient, let name = PatientName(patient) else {
                unknown.append(message)
                continue
            }
            if found[name] == nil { order.append(name) }
            found[name, default: (patient, [])].messages.append(message)
        }
        named = order.map { found[$0]! }
        self.unknown = unknown
    }
}
