import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Statements

/// `nightbell audit patient ID`.
struct AuditPatientCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "patient", abstract: "Tell who had what about a patient, and when, from the capsules.",
        discussion: """
            The look is logged first, with its reason and a keyed hash of the identifier that only auditors can recognise. Then \
            every capsule that this device has not read yet is opened here, and an encrypted index kept in the profile; the relay \
            learns nothing of the patient. Capitals and blanks make no difference. A reply, and a text that was handed on, may name \
            nobody themselves: then they are told with what they answer or carry on. "let out" means that the sealed bytes may have \
            reached that device, "read" that a person opened the message there.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var look: LookOptions

    @Argument(
        help: ArgumentHelp(
            "The patient's identifier as senders write it, such as a medical record number; - reads standard input.",
            valueName: "id"))
    var patient: String

    func perform(_ context: CommandContext) async throws {
        let name = try Self.name(patient, context.console)
        let reason = try look.reason(context.console)
        try await context.withSession { session in
            try await context.refresh(session, undone: AuditQuestion.undone)
            let logged = try await session.logged(.patient(name), reason: reason)
            // Whom the messages are about is known when they are audited: the facts of all are kept.
            let verdict = try await AuditRun(detail: .all, listsMessages: false, indexes: true).perform(
                session, context)
            let indexing = PatientIndexing(session)
            try await indexing.bringUpToDate()
            try indexing.check(against: verdict)
            let lookup = session.capsuleLookup()
            let answer = try PatientAnswer(
                session.capsules(about: name), verdict, lookup, look: logged,
                subject: session.subject(of: .patient(name)),
                coverage: IndexCoverage(session, MessageSubjects(ReferenceChains(verdict), capsule: lookup)))
            context.console.result(answer.document, human: answer.human)
            try answer.report.end(context.console, tellsFindings: false)
        }
    }

    static func name(_ typed: String, _ console: Console) throws -> PatientName {
        if typed != "-" {
            console.warn(
                "other users of this machine can read what stands in a command's line: use \"-\" and give the identifier on "
                    + "standard input")
        }
        let text = typed == "-" ? try Input.words("-", what: "the patient's identifier", console) : typed
        guard let name = text.flatMap({ PatientName($0) }) else {
            throw DeviceKitError(
                "no_patient", .usage,
                "a patient's identifier has 1 to \(PatientName.maximumByteCount) bytes, and what was given has not",
                next: "give it as the senders write it, such as a medical record number")
        }
        return name
    }
}

/// What is known about one patient's messages.
struct PatientAnswer {
    private struct Told {
        let message: MessageReport
        /// `nil` when the message carries none.
        let capsule: CapsuleContent?
        /// The message whose capsule names the patient, where this one's names nobody.
        let namedBy: MessageID?
    }

    let report: AuditReport
    private let told: [Told]
    private let look: LoggedLook
    private let earlier: [AuditedAccess]
    private let coverage: IndexCoverage

    /// - Parameters:
    ///   - capsules: Those that name the patient.
    ///   - lookup: What gives any message's capsule.
    ///   - subject: What a look at this patient says, whoever looked.
    init(
        _ capsules: [IndexedCapsule], _ verdict: AuditVerdict,
        _ lookup: (MessageID) throws -> IndexedCapsule?, look: LoggedLook, subject: Access.Subject,
        coverage: IndexCoverage
    ) throws {
        let report = AuditReport(verdict)
        self.report = report
        self.look = look
        self.coverage = coverage
        earlier = try verdict.accesses { $0.access.subject == subject && $0.index != look.entry }
        let named = Set(capsules.map(\.message))
        let goingBack = try MessageSubjects.goingBack(to: named, in: verdict, capsule: lookup)
        let about = named.union(goingBack.keys)
        var messages: [AuditedMessage] = []
        var goingOn: [AuditedMessage] = []
        try verdict.forEachMessage(.messages(about)) { message in
            if about.contains(message.message) { messages.append(message) }
            if let other = message.refersTo, about.contains(other) { goingOn.append(message) }
        }
        told = try messages.map { message in
            Told(
                message: MessageReport(message, report, FollowUps(message, among: goingOn)),
                capsule: try lookup(message.message)?.content, namedBy: goingBack[message.message])
        }
    }

    var document: JSONValue {
        var object = JSONObject()
        LoggedLook.describe(look, in: &object)
        object.set("ok", to: .bool(report.verdict.ok))
        object.set("messages", to: .array(told.map { describe($0) }))
        object.set("unknown", to: coverage.document)
        object.set(
            "looked_before",
            to: .array(
                earlier.map { access in
                    var object = JSONObject()
                    object.set("index", to: .integer(access.index))
                    object.set("logged", to: .text(access.logged))
                    object.set("member", to: .text(orNull: access.member))
                    report.setName(of: access.member, at: access.logged, in: &object)
                    object.set("reason", to: .string(access.access.reason.rawValue))
                    return .object(object)
                }))
        return .object(object)
    }

    private func describe(_ told: Told) -> JSONValue {
        var object = told.message.object
        object.set(
            "capsule",
            to: told.capsule.map { content -> JSONValue in
                var capsule = JSONObject()
                ToldCapsule.describe(content, in: &capsule)
                return .object(capsule)
            } ?? .null)
        object.set("named_by", to: .text(orNull: told.namedBy))
        return .object(object)
    }

    var human: String {
        var lines = [
            told.isEmpty
                ? "no message whose capsule opens here is about this patient"
                : told.count.counted("message is about this patient", "messages are about this patient"),
            look.words,
        ]
        if told.isEmpty {
            lines.append(
                "Identifiers are compared letter for letter (capitals and blanks make no difference). How the senders wrote this "
                    + "patient's is not known here: ask them, and try other spellings.")
        }
        for told in told {
            lines.append("")
            lines.append(told.message.human)
            let words = told.capsule.map { ToldCapsule.words($0) } ?? ""
            if !words.isEmpty { lines.append("  capsule  \(words)") }
            if let named = told.namedBy { lines.append("  names nobody itself; \(named) names the patient") }
        }
        lines += [
            "",
            "NOT KNOWN (\(coverage.size.counted("entry of the activity log was", "entries of the activity log were")) read)",
        ]
        lines += coverage.lines.map { "  \($0)" }
        lines += ["", "LOOKED AT BEFORE"]
        lines += earlier.map {
            "  \(LocalTime.full($0.logged))  \(SafeText.line(report.name($0.member, at: $0.logged))), \(LookOptions.words($0.access.reason)), entry \($0.index)"
        }
        if earlier.isEmpty { lines.append("  nobody asked about this patient before") }
        lines.append(
            "  Looks at messages, at all capsules, at lost devices (\"audit breach\") and for reports may have shown this patient, too: "
                + "\"nightbell audit accesses\" lists them."
        )
        return lines.joined(separator: "\n")
    }
}
