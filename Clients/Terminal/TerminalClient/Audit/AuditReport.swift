import Auditing
import DeviceKit
import Membership
import Secrets
import Statements

/// A verdict in JSON and in words.
struct AuditReport {
    /// Whether the organisation of an export was named by whoever asks.
    enum ExportPin {
        case ofNamed, ofUnnamed
    }

    let verdict: AuditVerdict
    /// Of an export that is told whole; `nil` of what a profile's relay shows, whose organisation the profile knows.
    var export: ExportPin?

    /// Messages whose answer came from a device that is revoked by now: told by a list alone, which holds no receipts.
    var answeredOnRevoked: [MessageID: LaterRevocation] = [:]

    init(_ verdict: AuditVerdict) { self.verdict = verdict }

    /// With ``answeredOnRevoked``; of an audit that kept all facts.
    init(listing verdict: AuditVerdict) throws {
        self.init(verdict)
        guard verdict.view?.allDevices.contains(where: { $0.revoked != nil }) ?? false else { return }
        try verdict.forEachMessage { message in
            answeredOnRevoked[message.message] = message.answer?.laterRevocation(verdict.view)
        }
    }

    // MARK: JSON

    /// What every audit says: `ok`, `organisation`, `roster`, `activity`, `findings`.
    var object: JSONObject {
        var object = JSONObject()
        object.set("ok", to: .bool(verdict.ok))
        object.set("organisation", to: .text(orNull: verdict.organisation))
        object.set("roster", to: Self.document(verdict.roster))
        object.set("activity", to: Self.document(verdict.activity))
        object.set("findings", to: .array(verdict.findings.map(Self.document)))
        return object
    }

    /// With counts, for `audit verify`.
    var whole: JSONValue {
        var object = object
        object.set("organisation_pinned", to: .bool(export != .ofUnnamed))
        object.set("last_entry", to: .text(orNull: verdict.lastEntry))
        object.set("replayed_from", to: .integer(verdict.continued))
        object.set("messages", to: .integer(verdict.messageCount))
        object.set("days", to: .array(verdict.days.map(Self.document)))
        object.set(
            "capsules",
            to: ["opened": .integer(verdict.capsulesOpened), "closed": .integer(verdict.capsulesClosed)])
        object.set("heads", to: .integer(verdict.heads))
        object.set(
            "witnesses",
            to: verdict.witnesses.map { WitnessWords.document($0, verdict.asOf ?? .now()) } ?? .null)
        return .object(object)
    }

    static func document(_ tree: AuditVerdict.Tree?) -> JSONValue {
        guard let tree else { return .null }
        return ["size": .integer(tree.size), "root": .text(tree.root)]
    }

    static func document(_ finding: AuditFinding) -> JSONValue {
        [
            "code": .string(finding.code.rawValue), "severity": .string(finding.severity.rawValue),
            "log": .text(orNull: finding.log?.rawValue), "entries": .array(finding.entries.map { .integer($0) }),
            "message": .text(orNull: finding.message), "sentence": .string(finding.sentence),
        ]
    }

    private static func document(_ day: DayCount) -> JSONValue {
        [
            "day": .string(day.day), "messages": .integer(day.manifests), "closed": .integer(day.closed),
            "handed_off": .integer(day.handedOff), "acknowledged": .integer(day.acknowledged),
            "arrived_replies": .integer(day.arrivedReplies), "open": .integer(day.open),
            "unanswered": .integer(day.unanswered), "undeliverable": .integer(day.undeliverable),
            "unexplained": .integer(day.unexplained), "declined": .integer(day[.declined]),
            "taken_late": .integer(day[.late]), "closed_unread": .integer(day[.closedUnread]),
        ]
    }

    // MARK: Words

    /// Whether no promise was broken but those of which this device holds the proof.
    private var isCaughtAlone: Bool {
        verdict.findings.allSatisfy { $0.severity != .brokenPromise || $0.code == .relayContradicts }
    }

    /// - Parameter isDamagedCopy: Then nobody is accused of what is not verified.
    static func messageLine(_ count: Int, unsound: Int, isWhole: Bool, isDamagedCopy: Bool) -> String {
        let what =
            !isWhole
            ? "none is proven: the logs \(isDamagedCopy ? "in this copy " : "")are not what was signed"
            : isDamagedCopy ? "\(unsound) not verified in this copy" : "\(unsound) with a broken promise of the relay"
        return "messages      \(count), of which \(what)"
    }

    var human: String {
        var lines = [
            "organisation  \(verdict.organisation?.description ?? "unknown")",
            "roster        \(Self.words(verdict.roster))",
            "activity      \(Self.words(verdict.activity))",
        ]
        if let activity = verdict.activity { lines.append("replayed      \(replayed(of: activity.size))") }
        lines.append(
            Self.messageLine(
                verdict.messageCount, unsound: verdict.unsoundCount, isWhole: verdict.isWhole,
                isDamagedCopy: verdict.isDamagedCopy))
        lines += (verdict.isWhole ? verdict.days : []).map {
            "  \($0.day)  \($0.manifests.counted("message")): \($0.closed) closed, \($0.handedOff) handed off, \($0.acknowledged) acknowledged, "
                + "\(MessageOutcome.arrivedReply.phrase($0.arrivedReplies)), \($0.open) open, \($0.unanswered) unanswered, \($0.undeliverable) undeliverable, \($0.unexplained) unexplained"
                + Self.marked($0)
        }
        lines.append(
            export == nil
                ? "capsules      \(verdict.capsulesOpened) opened, \(verdict.capsulesClosed) left closed"
                : "capsules      none looked at: an export holds none")
        lines.append("heads         \(verdict.heads) compared")
        if let standing = verdict.witnesses {
            let sizes = [LogKind.roster: verdict.roster?.size ?? 0, .activity: verdict.activity?.size ?? 0]
            lines += WitnessWords.lines(standing, verdict.asOf ?? .now(), sizes: sizes)
        }
        lines += findings
        return (lines + Self.ends(verdict.findings.map(\.severity), isCaughtAlone: isCaughtAlone) + exportLines).joined(
            separator: "\n")
    }

    /// What a verdict on an export does not say: whose it is, and of which time.
    private var exportLines: [String] {
        guard let export, let organisation = verdict.organisation else { return [] }
        var lines: [String] = []
        if export == .ofUnnamed {
            lines.append(
                "COMPARE       \(organisation) by telephone, or with an invitation on paper: whose logs these are is the export's own word, "
                    + "and everything hangs on it (--org ORG compares what you know from elsewhere)")
        }
        if let last = verdict.lastEntry {
            lines.append(
                "until         \(LocalTime.full(last)), the time of the last entry: what came later, an export cannot show. Compare sizes "
                    + "and roots with what a member's \"nightbell status\" shows")
        }
        return lines
    }

    /// How much of the activity log this run read: what it did not, an earlier one on this device had verified.
    private func replayed(of size: UInt64) -> String {
        let before = verdict.continued
        guard before > 0 else { return "all entries of the activity log, from the first" }
        let new = (size - min(before, size)).counted("new one", "new ones")
        return
            "\(before.counted("entry of the activity log was", "entries of the activity log were")) verified before, \(new) now"
    }

    /// The last lines: what it comes to.
    /// - Parameter isCaughtAlone: Whether nothing is wrong but what this device caught the relay with.
    static func ends(_ severities: [AuditFinding.Severity], isCaughtAlone: Bool = false) -> [String] {
        var lines: [String] = []
        if severities.contains(.brokenPromise) {
            lines.append(
                "NOT OK: a promise of the relay was broken, see above"
                    + (isCaughtAlone
                        ? ". Nothing else is wrong with the logs: it is what this device itself caught the relay with, and stays in each of its verdicts, "
                            + "also with --anew, for the program forgets no proof. Keep the file that is named above, and write down with it how the matter "
                            + "was settled. What the logs show without it: \"nightbell audit export DIR\", then \"nightbell audit verify --export DIR\""
                        : ""))
        }
        if severities.contains(.damagedCopy) {
            lines.append(
                "NOT OK: this copy is damaged, see above; a disk can have done it, or whoever held it. Keep it, and export again "
                    + "(\"nightbell audit export DIR\")")
        }
        if severities.contains(.unjudged) {
            lines.append(
                "NOT JUDGED TO THE END: a later version of Nightbell wrote what this one does not know, see above; update it"
            )
        }
        guard lines.isEmpty else { return lines }
        return [
            "ok: every promise of the relay that the logs can show was kept (what clinicians promised is sealed, and is not judged)"
        ]
    }

    /// `; of these 1 declined`: nothing where no message of the day bears a mark.
    private static func marked(_ day: DayCount) -> String {
        let parts = MessageMark.allCases.filter { day[$0] > 0 }.map { $0.phrase(day[$0]) }
        return parts.isEmpty ? "" : "; of these \(parts.joined(separator: ", "))"
    }

    /// One paragraph each.
    var findings: [String] { verdict.findings.map { Self.words($0, $0.sentence, indent: 14) } }

    /// - Parameters:
    ///   - sentence: The finding's, or what stands in its place.
    ///   - indent: In which column the code begins.
    static func words(_ finding: AuditFinding, _ sentence: String, indent: Int) -> String {
        let place = finding.log.map { log in
            finding.entries.isEmpty
                ? " in the \(log.rawValue) log"
                : " at \(log.rawValue) \(finding.entries.prefix(5).map(String.init).joined(separator: ", "))"
        }
        let word =
            switch finding.severity {
            case .brokenPromise: "FINDING"
            case .damagedCopy: "DAMAGED"
            case .unjudged: "UPDATE"
            case .note: "note"
            }
        return "\(word.padded(to: indent))\(finding.code.rawValue)\(place ?? ""): \(SafeText.line(sentence))"
    }

    static func words(_ tree: AuditVerdict.Tree?) -> String {
        tree.map { "\($0.size.counted("entry", "entries")), root \($0.root)" } ?? "could not be read"
    }

    // MARK: Names

    /// A member's name, or its id.
    func name(_ member: MemberID?) -> String {
        guard let member else { return "unknown" }
        return verdict.view?.displayName(of: member) ?? member.description
    }

    /// The name that a member had at a log's time and, where that is another, what they are called now; or the id.
    func name(_ member: MemberID?, at time: Timestamp) -> String {
        guard let member else { return "unknown" }
        return verdict.view?.displayName(of: member, at: time) ?? member.description
    }

    func nameOrNull(_ member: MemberID?) -> JSONValue {
        .text(orNull: member.flatMap { verdict.view?.member($0)?.name })
    }

    /// The name that a member had at a log's time; what they are called now stands beside it where that is another, under
    /// the same key with `_now`.
    func setName(_ key: String = "name", of member: MemberID?, at time: Timestamp, in object: inout JSONObject) {
        let then = member.flatMap { verdict.view?.name(of: $0, at: time) }
        let now = member.flatMap { verdict.view?.member($0)?.name }
        object.set(key, to: .text(orNull: then))
        if now != then { object.set(key + "_now", to: .text(orNull: now)) }
    }

    /// `, on a device since revoked (stolen)`: behind who answered; nothing where that device is not revoked.
    static func words(_ revocation: LaterRevocation?) -> String {
        revocation.map { ", \(SafeText.line($0.words()))" } ?? ""
    }

    static func document(_ revocation: LaterRevocation?) -> JSONValue {
        guard let revocation else { return .null }
        return ["at": .text(revocation.at), "reason": .string(revocation.reason)]
    }

    /// Whether a message's history is proven: the log is whole, and nothing about the message is broken.
    func isVerified(_ message: AuditedMessage) -> Bool { verdict.isWhole && message.isSound }

    /// Ends a command whose result was told as the verdict says.
    func end(_ console: Console, tellsFindings: Bool) throws {
        let status = Self.status(verdict.findings.map(\.severity))
        guard status != .done else { return }
        if !tellsFindings {
            console.warn(
                status == .configuration
                    ? "a later version of Nightbell wrote a part of the logs, and nothing from there on was judged: update nightbell"
                    : verdict.isDamagedCopy
                        ? "this export is damaged: see \"nightbell audit verify --export DIR\""
                        : "the logs break a promise: see \"nightbell audit verify\"")
        }
        throw FinishedWith(status: status)
    }

    /// What was found is louder than what was not looked at.
    static func status(_ severities: [AuditFinding.Severity]) -> ExitStatus {
        if severities.contains(.brokenPromise) || severities.contains(.damagedCopy) { return .verificationFailed }
        return severities.contains(.unjudged) ? .configuration : .done
    }
}
