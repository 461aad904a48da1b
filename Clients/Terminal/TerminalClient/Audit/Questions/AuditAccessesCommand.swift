import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Sealing
import Secrets
import Statements

/// `nightbell audit accesses`.
struct AuditAccessesCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "accesses", abstract: "List who looked at what, why and when.",
        discussion: """
            Every question of an auditor about a patient, a person or a device was logged before it was answered. What was asked \
            stands in the log as a hash under the audit key: on a device that holds that key, devices and members are named. What \
            an auditor asked whose device held no audit key, that device alone can name. A patient is not named: "nightbell audit \
            patient" says who looked at that patient before.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    func perform(_ context: CommandContext) async throws {
        let answer: (verdict: AuditVerdict, known: Known)
        if source.export != nil {
            answer = (
                try await AuditRun(listsMessages: false).perform(source, context), Known()
            )
        } else {
            answer = try await context.withSession { session in
                let verdict = try await AuditRun(listsMessages: false).perform(
                    session, organisation: try source.organisation(), context)
                return (verdict, try Self.known(verdict, session))
            }
        }
        let report = AuditReport(answer.verdict)
        let accesses = try answer.verdict.accesses()
        context.console.result(
            [
                "accesses": .array(accesses.map { Self.document($0, report, answer.known) }),
                "ok": .bool(answer.verdict.ok),
            ], human: Self.human(accesses, report, answer.known, columns: context.console.columns))
        try report.end(context.console, tellsFindings: false)
    }

    /// What a device can recognise of what was asked.
    struct Known {
        /// What the hashes of devices and members are.
        var subjects: [Access.Subject: Look] = [:]
        /// The audit key that it holds.
        var auditKey: PrekeyID?
    }

    private static func known(_ verdict: AuditVerdict, _ session: DeviceSession) throws -> Known {
        guard let view = verdict.view else { return Known() }
        let devices = view.allDevices.flatMap { [Look.device($0.id), .breach($0.id)] }
        return Known(
            subjects: try session.knownSubjects(of: view.members.map { Look.member($0.id) } + devices),
            auditKey: try session.withAuditKey { key in key.publicKey.id })
    }

    /// What was looked at, as it was called then.
    private static func about(
        _ access: AuditedAccess, _ report: AuditReport, _ known: Known
    ) -> String? {
        switch known.subjects[access.access.subject] {
        case .member(let member): report.name(member, at: access.logged)
        case .device(let device), .breach(let device):
            "\(device) (\(report.name(report.verdict.view?.device(device)?.member, at: access.logged)))"
        default: nil
        }
    }

    static func document(
        _ access: AuditedAccess, _ report: AuditReport, _ known: Known
    ) -> JSONValue {
        var object = JSONObject()
        object.set("index", to: .integer(access.index))
        object.set("logged", to: .text(access.logged))
        object.set("at", to: .text(access.access.at))
        object.set("device", to: .text(orNull: access.access.device))
        object.set("member", to: .text(orNull: access.member))
        report.setName(of: access.member, at: access.logged, in: &object)
        object.set("kind", to: .string(access.access.kind.rawValue))
        object.set("reason", to: .string(access.access.reason.rawValue))
        switch access.access.subject {
        case .none: break
        case .message(let message): object.set("message", to: .text(message))
        case .query(.auditKey(let key), let hash):
            object.set(
                "query", to: ["key": .text(key), "hash": .text(hash), "held": .bool(key == known.auditKey)])
        case .query(.device(let device), let hash):
            object.set("query", to: ["key": .text(device), "hash": .text(hash)])
        }
        object.set("about", to: .text(orNull: about(access, report, known)))
        object.set("verified", to: .bool(report.verdict.isWhole && access.isSound))
        return .object(object)
    }

    static func human(
        _ accesses: [AuditedAccess], _ report: AuditReport, _ known: Known, columns: Int? = nil
    ) -> String {
        guard !accesses.isEmpty else { return "nobody has looked yet, as far as the activity log says" }
        let table = Table(
            ["LOGGED", "WHO", "LOOKED AT", "WHICH", "WHY", "ENTRY", ""],
            accesses.map { access in
                [
                    LocalTime.short(access.logged), looker(access, report), access.access.kind.rawValue,
                    about(access, report, known) ?? subject(access.access, known),
                    LookOptions.words(access.access.reason), "\(access.index)",
                    report.verdict.isWhole && access.isSound ? "" : "NOT VERIFIED",
                ]
            })
        return table.text(
            columns: columns, Table.Narrowing(below: [(column: 3, words: ""), (column: 4, words: "why ")]))
    }

    private static func looker(_ access: AuditedAccess, _ report: AuditReport) -> String {
        access.access.signer == .recovery ? "the recovery key" : report.name(access.member, at: access.logged)
    }

    private static func subject(_ access: Access, _ known: Known) -> String {
        switch access.subject {
        case .none: ""
        case .message(let message): "\(message)"
        case .query(.device(let device), let hash):
            "hash \(hash.hex.prefix(8)), named on \(device) alone: it held no audit key"
        // Of a patient nothing but the identifier, typed again, gives the hash.
        case .query(.auditKey(let key), let hash) where key == known.auditKey && access.kind == .patient:
            "hash \(hash.hex.prefix(8)): \"audit patient ID\" tells"
        case .query(.auditKey(let key), let hash):
            "hash \(hash.hex.prefix(8)), named where \(key) is held"
        }
    }
}
