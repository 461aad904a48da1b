import Auditing
import DeviceKit
import Membership
import Statements

/// What a check of a file of evidence found, in JSON and in words.
struct EvidenceReport {
    let verdict: EvidenceVerdict
    private let words: EvidenceWords
    private let isPinned: Bool

    init(_ verdict: EvidenceVerdict, isPinned: Bool = false) {
        self.verdict = verdict
        words = EvidenceWords(verdict: verdict)
        self.isPinned = isPinned
    }

    // MARK: JSON

    var document: JSONValue {
        [
            "ok": .bool(verdict.ok), "organisation": .text(orNull: verdict.organisation),
            "organisation_pinned": .bool(isPinned), "message": .text(orNull: verdict.statement?.message),
            "made_by": verdict.statement.map { statement in
                [
                    "device": .text(statement.device), "member": .text(orNull: verdict.auditor),
                    "name": name(verdict.auditor), "at": .text(statement.at),
                ]
            } ?? .null,
            "roster": AuditReport.document(verdict.roster), "activity": AuditReport.document(verdict.activity),
            "witnesses": verdict.witnesses.map(WitnessWords.cosigners) ?? .null,
            "head": .text(orNull: verdict.head?.time), "parts": .integer(verdict.partCount),
            "signatures": .integer(verdict.signatures),
            "entries": .array(
                verdict.events.map {
                    [
                        "index": .integer($0.index), "logged": .text($0.logged), "kind": .string(Self.kind($0)),
                        "device": .text(orNull: $0.device), "at": .text(orNull: Self.ownTime($0)),
                        "sentence": .string(words.text($0)),
                    ]
                }),
            "devices": .array(
                words.devices.map {
                    [
                        "device": .text($0.id), "member": .text($0.member), "name": name($0.member),
                        "label": .text($0.label), "enrolled": .text($0.enrolled.time),
                        "revoked": .text(orNull: $0.revoked?.place.time),
                    ]
                }),
            "receipts": .array(
                verdict.numbers.map {
                    [
                        "device": .text($0.device), "numbers": .array($0.numbers.map { .integer($0) }),
                        "gaps": .bool($0.hasGaps),
                    ]
                }),
            "capsule": capsuleDocument, "cannot_show": .array(words.limits.map { .string($0) }),
            "findings": findingsDocument, "update_needed": .text(orNull: verdict.later),
        ]
    }

    /// What the message's capsule names; `null` when it is not in the file.
    private var capsuleDocument: JSONValue {
        guard let content = verdict.capsule.flatMap({ CapsuleContent(plaintext: $0) }) else { return .null }
        var object = JSONObject()
        object.set("patient", to: .text(orNull: content.patient))
        ToldCapsule.describe(content, in: &object)
        return .object(object)
    }

    var findingsDocument: JSONValue {
        .array(
            verdict.findings.map {
                [
                    "code": .string($0.code.rawValue), "part": .string($0.part),
                    "entry": $0.entry.map { .integer($0) } ?? .null, "sentence": .string($0.sentence),
                ]
            })
    }

    private func name(_ member: MemberID?) -> JSONValue {
        .text(orNull: member.flatMap { verdict.view?.member($0)?.name })
    }

    /// A receipt's action, an event's word, or what a manifest is to the message.
    private static func kind(_ event: EvidenceVerdict.Event) -> String {
        switch event.kind {
        case .manifest: "manifest"
        case .referred: "referred"
        case .referring: "referring"
        case .receipt(let receipt): receipt.action.rawValue
        case .access: "access"
        case .event(let event): event.kind.word
        }
    }

    private static func ownTime(_ event: EvidenceVerdict.Event) -> Timestamp? {
        switch event.kind {
        case .manifest(let manifest), .referred(let manifest), .referring(let manifest): manifest.at
        case .receipt(let receipt): receipt.at
        case .access(let access): access.at
        case .event: nil
        }
    }

    // MARK: Words

    var human: String {
        (about + summary + history + devices + capsule + limits + [""] + findingLines + [end]).joined(separator: "\n")
    }

    var findingLines: [String] {
        verdict.findings.map { finding in
            let entry = finding.entry.map { ", entry \($0)" } ?? ""
            return
                "FINDING       \(SafeText.line(finding.part))\(entry): \(SafeText.line(finding.sentence)) (\(finding.code.rawValue))"
        }
    }

    private var about: [String] {
        guard let statement = verdict.statement else { return ["EVIDENCE that cannot be read"] }
        var lines = ["EVIDENCE about message \(statement.message), \(verdict.partCount.counted("part"))"]
        guard let organisation = verdict.organisation, let roster = verdict.roster, let activity = verdict.activity
        else {
            return lines
        }
        let name = verdict.view.map { SafeText.line($0.roster.genesis.name.description) } ?? ""
        lines.append("organisation  \(organisation)  \(name)")
        lines.append(
            isPinned
                ? "              it is the one that you named with --org"
                : "              COMPARE this id by telephone, or with an invitation on paper: everything hangs on it")
        lines.append(
            "made by       \(words.device(statement.device)), auditor, at \(EvidenceWords.time(statement.at)) by its own clock"
        )
        lines.append(
            "as of         "
                + (verdict.head.map { "\(EvidenceWords.time($0.time)), as the relay signed it" }
                    ?? "two checkpoints; no word of the relay that could be read says that they belong together"))
        lines.append("roster log    \(roster.size.counted("entry", "entries")), root \(roster.root)")
        lines.append("activity log  \(activity.size.counted("entry", "entries")), root \(activity.root)")
        if let standing = verdict.witnesses, !standing.policy.keys.isEmpty {
            let cosigned = LogKind.allCases.map { log in
                let given = standing.words.filter { $0.log == log }
                let names = given.map { "\(SafeText.line($0.witness.name)) at \(EvidenceWords.time($0.at))" }
                return "\(log.rawValue) log by \(names.isEmpty ? "nobody" : names.joined(separator: ", "))"
            }
            lines.append("cosigned      \(cosigned.joined(separator: "; ")) (\(standing.policy.demanded) demanded)")
        }
        return lines
    }

    private var summary: [String] {
        let lines = words.summary
        return lines.isEmpty
            ? [] : ["", "IN SHORT (since the relay accepted it, by the log's times)"] + lines.map { "  " + $0 }
    }

    private var history: [String] {
        guard !verdict.events.isEmpty else { return [] }
        let width = verdict.events.map { "\($0.index)".count }.max() ?? 0
        return ["", "WHAT HAPPENED, entry by entry (time: the log's; [1], [2]: devices, below)"]
            + verdict.events.map { event in
                let index = String(repeating: " ", count: width - "\(event.index)".count) + "\(event.index)"
                return "  \(index)  \(EvidenceWords.time(event.logged))  \(words.text(event))"
            } + verdict.numbers.map { "  " + words.text($0) }
    }

    private var devices: [String] {
        let devices = words.devices
        return devices.isEmpty ? [] : ["", "WHOSE DEVICES (by the roster log)"] + devices.map { "  " + words.text($0) }
    }

    private var capsule: [String] {
        guard let plaintext = verdict.capsule else { return [] }
        let content = CapsuleContent(plaintext: plaintext)
        return [
            "", "WHOSE IT IS (from the capsule that its sender sealed to the auditors, opened here)",
            "  " + (content.map(ToldCapsule.line) ?? "it is no capsule that this version can read"),
        ]
    }

    private var limits: [String] {
        ["", "WHAT THIS FILE CANNOT SHOW"] + words.limits.map { "  - \($0)" }
    }

    /// Whether nothing is wrong with the file as far as it was looked at, but whose it is.
    private var isAnothers: Bool {
        verdict.findings.count == 1 && verdict.findings[0].code == .init(.wrongOrganisation) && verdict.view == nil
    }

    private var end: String {
        if isAnothers {
            let whose = verdict.organisation?.description ?? "another organisation"
            return
                "NOT OK: the file is of \(whose), not of the one you named: check what you typed, or ask for the file of that "
                + "organisation. Nothing in it was found changed, and the rest of it was not looked at"
        }
        if let later = verdict.later, verdict.findings.isEmpty {
            return
                "NOT JUDGED TO THE END: a later version of Nightbell wrote \(later); nothing before it was found changed, and nothing "
                + "from there on was looked at. Update nightbell, and check the file again"
        }
        return verdict.ok
            ? "ok: every part is as the auditor's device signed it; every entry stands in the log that the relay signed; "
                + "all \(verdict.signatures) signatures of statements are by keys that had the right to sign at their place"
            : "NOT OK: something in this file was changed, or breaks a rule, see above: do not rely on it. \(next)"
    }

    /// What to do with a file that does not hold.
    private var next: String {
        let ask =
            "ask whoever made it for the file again, and compare its sha256 by telephone: \"nightbell audit evidence\" printed one"
        // The commonest cause is nobody's malice.
        let isRepacked = verdict.findings.contains { $0.code == .archiveMalformed }
        return isRepacked
            ? "The archive is not as it was written: unpacked and packed again, or sent as something else than a file, it is no "
                + "proof any more. So \(ask)"
            : ask.atSentenceStart
    }
}
