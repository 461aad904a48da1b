import ArgumentParser
import Auditing
import DeviceKit
import Statements

/// `nightbell audit messages`.
struct AuditMessagesCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "List every message of the activity log and how far it came.",
        discussion: """
            Filters combine: a message is listed when it meets all of them. A name that nobody has any more means whoever had it; \
            where somebody else has it now, that one is meant, and the former one is named on standard error.

            The log does not hold whose the messages are. With --capsules that is told as well, on a device that holds the audit \
            key: the look at all of them is logged first, with its reason, and only then the capsules are opened. A reply, and a text \
            that was handed on, may name nobody themselves: then they are told with the patient of what they answer or carry on.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions
    @OptionGroup var filter: MessageFilterOptions

    @Flag(help: "Tell what each message's capsule names: the patient, the practice. The look is logged first.")
    var capsules = false

    @OptionGroup var look: LookOptions

    func perform(_ context: CommandContext) async throws {
        let window = try filter.window()
        let parsed = try filter.parsed(window)
        try look.check("--capsules", isAsked: capsules, hasCapsules: source.export == nil)
        if let warning = window.warning() { context.console.warn(warning) }
        guard capsules else {
            // Who answered what stands in the receipts: they are read one message after the other, and not held.
            let run = AuditRun(detail: .all, listedDetail: AuditedMessage.Detail.none)
            let verdict = try await run.perform(source, context)
            return try tell(verdict, parsed, nil, context.console)
        }
        let reason = try look.reason(context.console)
        let organisation = try source.organisation()
        try await context.withSession { session in
            try session.check(isOf: organisation)
            try await session.refresh()
            try session.checkOpensCapsules()
            // Whoever mistyped a name has not looked at anything.
            _ = try filter.named(parsed, session.view)
            let logged = try await session.logged(.capsules, reason: reason)
            let run = AuditRun(detail: .all, listedDetail: AuditedMessage.Detail.none, indexes: true)
            let verdict = try await run.perform(
                session, organisation: organisation, context)
            let indexing = PatientIndexing(session)
            try await indexing.bringUpToDate()
            try indexing.check(against: verdict)
            let named = try session.capsules(of: verdict.messages.map(\.message)).map { ($0.message, ToldCapsule($0)) }
            let subjects = MessageSubjects(try ReferenceChains(verdict), capsule: session.capsuleLookup())
            var goingBack: [MessageID: MessageSubjects.Subject] = [:]
            for message in verdict.messages where message.refersTo != nil {
                guard let subject = try subjects.subject(of: message.message), subject.message != message.message
                else { continue }
                goingBack[message.message] = subject
            }
            let looked = Looked(
                look: logged, capsules: Dictionary(named, uniquingKeysWith: { first, _ in first }),
                goingBack: goingBack)
            try tell(verdict, parsed, looked, context.console)
        }
    }

    /// What a look into every capsule showed.
    struct Looked {
        let look: LoggedLook
        let capsules: [MessageID: ToldCapsule]
        /// Whom those messages are about that only the one names that they answer or carry on.
        let goingBack: [MessageID: MessageSubjects.Subject]
    }

    private func tell(
        _ verdict: AuditVerdict, _ parsed: MessageFilter, _ looked: Looked?, _ console: Console
    ) throws {
        let report = try AuditReport(listing: verdict)
        for note in try filter.notes(verdict.view) { console.warn(note) }
        let filter = try filter.named(parsed, verdict.view)
        let messages = verdict.messages.filter { filter.admits($0) }
        var object = JSONObject()
        object.set(
            "messages",
            to: .array(
                messages.map { message in
                    var object = Self.describe(message, report)
                    if let looked {
                        object.set("capsule", to: looked.capsules[message.message]?.document ?? .null)
                        object.set(
                            "named_by",
                            to: looked.goingBack[message.message].map { subject -> JSONValue in
                                ["message": .text(subject.message), "patient": .string(subject.patient)]
                            } ?? .null)
                    }
                    return .object(object)
                }))
        object.set("total", to: .integer(verdict.messages.count))
        object.set("ok", to: .bool(verdict.ok))
        if let looked {
            LoggedLook.describe(looked.look, in: &object)
        }
        console.result(
            .object(object),
            human: Self.human(messages, of: verdict.messages.count, report, looked, columns: console.columns))
        try report.end(console, tellsFindings: false)
    }

    static func human(
        _ messages: [AuditedMessage], of total: Int, _ report: AuditReport, _ looked: Looked?, columns: Int?
    ) -> String {
        var table =
            total == 0
            ? "the activity log holds no message yet"
            : total == 1
                ? "the one message of the activity log does not meet all filters"
                : "none of the \(total) messages of the activity log meets all filters"
        if !messages.isEmpty {
            let ids = ShortIDs(report.verdict.messages.map(\.message.description))
            var head = ["MESSAGE", "SENT", "URGENCY", "FROM", "TO", "STATE"]
            if looked != nil { head += ["PATIENT", "PRACTICE"] }
            let rows = messages.map { message in
                var row = [
                    ids.short(message.message.description), LocalTime.short(message.at), message.urgency.words,
                    report.name(message.senderMember, at: message.logged),
                    report.name(message.member, at: message.logged),
                    reach(message, report.verdict) + mark(message)
                        + AuditReport.words(report.answeredOnRevoked[message.message]),
                ]
                if let looked {
                    let capsule = looked.capsules[message.message]
                    let behind = looked.goingBack[message.message]
                    row += [
                        behind.map { "\($0.patient) (by \(ids.short($0.message.description)))" }
                            ?? capsule?.patient ?? "(not read)", behind?.practice ?? capsule?.practice ?? "",
                    ]
                }
                return row + [report.isVerified(message) ? "" : "NOT VERIFIED"]
            }
            table = Table(head + [""], rows).text(columns: columns, narrowing(looked != nil))
            if messages.count < total { table += "\n\(messages.count) of \(total) messages" }
        }
        guard let looked else { return table }
        return table + "\n" + looked.look.words
    }

    /// What the capsules name moves below its message, then how far that came; whom it is from and to stays to be told apart.
    private static func narrowing(_ hasCapsules: Bool) -> Table.Narrowing {
        let named = [(column: 6, words: "patient "), (column: 7, words: "practice ")]
        return Table.Narrowing(
            below: (hasCapsules ? named : []) + [(column: 5, words: "state ")],
            cut: [
                (column: 3, least: 10, shortening: .name),
                (column: 4, least: 10, shortening: .name),
            ])
    }

    private static func describe(_ message: AuditedMessage, _ report: AuditReport) -> JSONObject {
        var object = JSONObject()
        object.set("message", to: .text(message.message))
        object.set("at", to: .text(message.at))
        object.set("urgency", to: .string(message.urgency.rawValue))
        object.set("from", to: .text(orNull: message.senderMember))
        report.setName("from_name", of: message.senderMember, at: message.logged, in: &object)
        object.set("to", to: .text(message.member))
        report.setName("to_name", of: message.member, at: message.logged, in: &object)
        object.set("state", to: .string(message.state.rawValue))
        setReach(message, report.verdict, in: &object)
        object.set("unanswered", to: .bool(message.isUnanswered))
        object.set("marks", to: .array(message.marks.map { .string($0.rawValue) }))
        object.set("in_reply_to", to: .text(orNull: message.isReply ? message.refersTo : nil))
        object.set("forward_of", to: .text(orNull: message.isReply ? nil : message.refersTo))
        object.set("index", to: .integer(message.index))
        object.set("verified", to: .bool(report.isVerified(message)))
        object.set("device_revoked", to: AuditReport.document(report.answeredOnRevoked[message.message]))
        return object
    }

    /// Whether it goes back to another one, for a list.
    private static func mark(_ message: AuditedMessage) -> String {
        message.refersTo == nil ? "" : message.isReply ? "; a reply" : "; carries one on"
    }

    /// With what the furthest step alone does not say: that nobody had answered when it expired, or had read it.
    static func state(_ message: AuditedMessage) -> String {
        let marks = message.marks
        return message.stateWords + (marks.contains(.closedUnread) ? " UNREAD" : "")
            + (marks.contains(.late) ? ", LATE: it had expired unanswered" : message.isUnanswered ? ", unanswered" : "")
    }

    /// The same, and whether a device is left on which somebody can still get at it.
    static func reach(_ message: AuditedMessage, _ verdict: AuditVerdict) -> String {
        state(message) + (verdict.isOutOfReach(message) ? ", NO DEVICE LEFT" : "")
    }

    /// What `state` alone does not say to programs.
    static func setReach(_ message: AuditedMessage, _ verdict: AuditVerdict, in object: inout JSONObject) {
        object.set("undeliverable", to: .bool(message.isGivenUp))
        object.set("no_device_left", to: .bool(verdict.isOutOfReach(message)))
    }
}
