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
            that holds the audit key; of an auditor's device, the patients of every capsule, for it may have held that key. With \
            --lost-at it tells apart what was let out to the device after the loss, and what was done on it then.
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

    @Option(
        help: ArgumentHelp(
            "When it was lost or stolen (03:00, 2h, 7d, or 2026-11-29T22:30:00Z): what was let out to it later, whoever had it "
                + "may have got, and what was done there later, its owner did not do.", valueName: "time"))
    var lostAt: String?

    func perform(_ context: CommandContext) async throws {
        let now = Timestamp.now()
        let today = try Self.today(now)
        let day = try Self.day(discovered, today)
        let lost = try Self.moment(lostAt, now)
        try await AuditQuestion(source: source, options: look, context: context).ask { view in
            let id = try NamedDevice.find(device, in: view).id
            return (.breach(id), .devices([id]))
        } _: { answer, session in
            let report = try DeviceReport(
                NamedDevice.find(device, in: answer.history.view), answer, columns: context.console.columns)
            let key = try Self.auditKey(report, session)
            let breach = BreachReport(
                report, patients: try await Self.patients(report, key, session), key: key,
                dates: BreachDates(discovered: day, isGiven: discovered != nil, today: today, lost: lost))
            context.console.result(breach.document, human: breach.human)
            try answer.report.end(context.console, tellsFindings: false)
        }
    }

    private static func today(_ now: Timestamp) throws(DeviceKitError) -> CalendarDay {
        guard let today = CalendarDay(localDayOf: now) else {
            throw DeviceKitError(
                "clock", .failed, "this machine's clock shows no day that can be counted from", next: "set the clock")
        }
        return today
    }

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no day, or lies ahead.
    static func day(_ text: String?, _ today: CalendarDay) throws(DeviceKitError) -> CalendarDay {
        guard let text else { return today }
        guard let day = CalendarDay(text) else {
            throw DeviceKitError(
                "bad_date", .usage, "--discovered takes no \"\(text)\": it is no day",
                next: "give it as YYYY-MM-DD, for example --discovered \(today)")
        }
        guard day <= today else {
            throw DeviceKitError(
                "bad_date", .usage, "the day of discovery, \(day), has not come yet: today is \(today)",
                next: "give the day on which it was discovered")
        }
        return day
    }

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no moment, or lies ahead.
    static func moment(_ text: String?, _ now: Timestamp) throws(DeviceKitError) -> Timestamp? {
        guard let text else { return nil }
        let moment = try Moment.parse(text, option: "--lost-at", now: now)
        guard moment <= now else {
            throw DeviceKitError(
                "bad_time", .usage,
                "the moment of the loss is understood as \(LocalTime.exact(moment)), which has not come yet",
                next: "give a moment that has passed")
        }
        return moment
    }

    /// Whether the device held the audit key, as far as that can be known.
    private static func auditKey(
        _ report: DeviceReport, _ session: DeviceSession?
    ) throws -> BreachReport.AuditKey {
        if let session, session.identity.device == report.device.id, try session.opensCapsules() { return .held }
        return report.isAuditors ? .possible : .no
    }

    /// Whom the messages that the device could open are about, and whom every capsule is about where it may have held the key;
    /// `nil` where no capsule can be opened.
    private static func patients(
        _ report: DeviceReport, _ key: BreachReport.AuditKey, _ session: DeviceSession?
    ) async throws -> BreachPatients? {
        guard let session, try session.opensCapsules() else { return nil }
        let verdict = report.answer.verdict
        let indexing = PatientIndexing(session)
        try await indexing.bringUpToDate()
        try indexing.check(against: verdict)
        let lookup = session.capsuleLookup()
        let subjects = MessageSubjects(try ReferenceChains(verdict), capsule: lookup)
        var messages = BreachReport.exposed(report.story)
        if key != .no {
            let held = Set(messages)
            try verdict.forEachMessage(.none) { message in
                guard !held.contains(message.message), let capsule = try lookup(message.message), !capsule.namesNobody
                else { return }
                messages.append(message.message)
            }
        }
        return try BreachPatients(messages, subjects)
    }
}

/// The days and moments that a breach is told from.
struct BreachDates {
    let discovered: CalendarDay
    /// Whether somebody said when it was discovered; else it is today.
    let isGiven: Bool
    let today: CalendarDay
    /// When the device was lost, where somebody said it.
    let lost: Timestamp?
}

extension CalendarDay {
    /// The day in this machine's time zone.
    init?(localDayOf moment: Timestamp) {
        let date = LocalTime.date(moment)
        self.init(year: date.year, month: date.month, day: date.day)
    }
}

/// Whom a set of messages is about, as far as their capsules say.
struct BreachPatients {
    /// By identifier as the senders wrote it, with the messages.
    let named: [(patient: String, messages: [MessageID])]
    /// Messages of which nobody can tell here.
    let unknown: [MessageID]
    private let patients: [MessageID: String]

    /// Whoever writes an identifier in capitals means the same patient.
    private enum Identity: Hashable {
        case sought(PatientName)
        /// Too long, or blank: nobody can ask for it, and somebody is named.
        case written(String)
    }

    init(_ messages: [MessageID], _ subjects: MessageSubjects) throws {
        var found: [Identity: (patient: String, messages: [MessageID])] = [:]
        var order: [Identity] = []
        var unknown: [MessageID] = []
        for message in messages {
            guard let patient = try subjects.subject(of: message)?.patient else {
                unknown.append(message)
                continue
            }
            let name = PatientName(patient).map { Identity.sought($0) } ?? .written(patient)
            if found[name] == nil { order.append(name) }
            found[name, default: (patient, [])].messages.append(message)
        }
        named = order.map { found[$0]! }
        self.unknown = unknown
        patients = Dictionary(
            named.flatMap { named in named.messages.map { ($0, named.patient) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whom one of the messages is about.
    func patient(of message: MessageID) -> String? { patients[message] }
}
