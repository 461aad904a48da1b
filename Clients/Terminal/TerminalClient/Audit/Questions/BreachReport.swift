import Auditing
import DeviceKit
import Membership
import Statements

/// What a device held that may be in other hands, whom it is about, and which deadlines run: facts, and no judgement.
struct BreachReport {
    /// Whether the device held the audit key.
    enum AuditKey: String {
        case no
        /// It is an auditor's: no log says which of those holds the key.
        case possible
        /// It is the very device that is asked, and holds it.
        case held = "yes"
    }

    private let report: DeviceReport
    private let patients: BreachPatients?
    private let key: AuditKey
    private let dates: BreachDates
    private let deadlines: BreachDeadlines
    /// `nil` where nobody said when the device was lost.
    private let afterLoss: AfterLoss?

    init(_ report: DeviceReport, patients: BreachPatients?, key: AuditKey, dates: BreachDates) {
        self.report = report
        self.patients = patients
        self.key = key
        self.dates = dates
        deadlines = BreachDeadlines(
            discovered: dates.discovered, today: dates.today, individuals: patients?.named.count,
            unknown: patients?.unknown.count ?? 0)
        afterLoss = dates.lost.map { AfterLoss($0, report, patients: patients) }
    }

    /// The messages of which the device held, or could open, something: what was let out or pushed to it, and what it sent.
    static func exposed(_ story: DeviceStory) -> [MessageID] {
        story.sent.map(\.message) + story.received.filter(\.holding.isReadable).map(\.message.message)
    }

    private var story: DeviceStory { report.story }
    private var view: RosterView { report.answer.verdict.view ?? report.answer.history.view }

    /// Whether it was discovered before there was the device: one of the days is wrong.
    private var isDiscoveredTooEarly: Bool {
        CalendarDay(localDayOf: report.device.enrolled.time).map { dates.discovered < $0 } ?? false
    }

    private func count(_ holding: DeviceStory.Holding) -> Int { story.received.count { $0.holding == holding } }

    // MARK: JSON

    var document: JSONValue {
        var object = JSONObject()
        report.describe(in: &object)
        var holding = JSONObject()
        for state in DeviceStory.Holding.allCases { holding.set(state.rawValue, to: .integer(count(state))) }
        holding.set("sent", to: .integer(story.sent.count))
        object.set("holding", to: .object(holding))
        object.set("received", to: .array(story.received.map { report.document($0) }))
        object.set("sent", to: .array(story.sent.map { report.document(sent: $0) }))
        object.set(
            "patients",
            to: patients.map { patients -> JSONValue in
                .array(
                    patients.named.map {
                        ["patient": .string($0.patient), "messages": .array($0.messages.map { .text($0) })]
                    })
            } ?? .null)
        object.set(
            "patients_unknown",
            to: patients.map { patients -> JSONValue in .array(patients.unknown.map { .text($0) }) } ?? .null)
        object.set("lock_after_seconds", to: .integer(view.policy.lockAfterSeconds))
        object.set("lock_state", to: .string("not_in_the_logs"))
        object.set("holds_audit_key", to: .string(key.rawValue))
        object.set(
            "saved_in_clear",
            to: .array(
                report.saves.map { save in
                    var object = DeviceReport.object(save)
                    object.set("patient", to: .text(orNull: patients?.patient(of: save.message)))
                    return .object(object)
                }))
        object.set(
            "revocable_by",
            to: report.device.revoked == nil
                ? .array(revokers.map { ["member": .text($0), "name": report.report.nameOrNull($0)] }) : .null)
        object.set("lost_at", to: .text(orNull: dates.lost))
        object.set("lost_before_enrolled", to: .bool(afterLoss?.isBeforeEnrolment ?? false))
        object.set("let_out_after_loss", to: afterLoss?.letOutDocument ?? .null)
        object.set("after_loss", to: afterLoss?.doneDocument ?? .null)
        object.set("discovered", to: .string(deadlines.discovered.description))
        object.set("discovered_given", to: .bool(dates.isGiven))
        object.set("discovered_before_enrolled", to: .bool(isDiscoveredTooEarly))
        object.set(
            "deadlines",
            to: .array(
                deadlines.deadlines.map {
                    [
                        "rule": .string("45 CFR \($0.rule)"), "whom": .string($0.whom),
                        "last_day": .string($0.lastDay.description), "applies": .string($0.applies.rawValue),
                        "sentence": .string($0.sentence), "past": .bool($0.isPast),
                        "exclusion": .text(orNull: $0.exclusion),
                    ]
                }))
        object.set("findings", to: report.findings)
        report.answer.describe(in: &object)
        object.set("ok", to: .bool(report.answer.verdict.ok))
        return .object(object)
    }

    // MARK: Words

    var human: String {
        var lines = ["FIRST"] + first.map { "  \($0)" }
        lines += ["", "THE DEVICE"] + report.heading
        lines += ["", "WHAT IT HELD, OR COULD OPEN"] + held.map { "  \($0)" }
        if !story.received.isEmpty { lines += ["", report.receivedTable] }
        lines += afterLoss?.lines ?? []
        lines += ["", "WHOM IT IS ABOUT"] + whom.map { "  \($0)" }
        lines +=
            ["", "IF IT WAS A BREACH: UNTIL WHEN (45 CFR 164.404 to 164.410, from \(deadlines.discovered))"]
            + days.map { "  \($0)" }
        lines += ["", "FOR THE ASSESSMENT UNDER 45 CFR 164.402(2)"] + assessment.map { "  \($0)" }
        if !story.findings.isEmpty { lines += ["", "FINDINGS THAT CONCERN IT"] + report.findingLines }
        lines += ["", report.answer.words]
        return lines.joined(separator: "\n")
    }

    private var first: [String] { revocation + (key == .no ? [] : keyReplacement) }

    /// Members who can revoke it; none when only the recovery key can.
    private var revokers: [MemberID] {
        guard case .admins(let members) = RevocationStanding(report.device.id, in: view) else { return [] }
        return members.sorted()
    }

    private var revocation: [String] {
        if let revoked = report.device.revoked {
            return [
                "The device is revoked since \(LocalTime.full(revoked.place.time)): the relay lets nothing out to it any more.",
                "It destroys what it holds when it hears of that. No receipt can say that it did: a revoked device signs nothing.",
            ]
        }
        let revokers = revokers
        guard revokers.isEmpty else {
            return [
                "The device is NOT revoked: whoever has it may still read what comes. Revoke it now, on an admin's device "
                    + "(\(names(revokers))):",
                "  nightbell admin revoke \(report.device.id) --reason \"lost\"",
            ]
        }
        return irrevocable
    }

    /// What is true of an admin device that no other admin may revoke, and whom to call.
    private var irrevocable: [String] {
        let owner = SafeText.line(report.report.name(report.device.member))
        let desk = view.members.filter { member in
            member.roles.contains(.intake) && !view.liveDevices(of: member.id).isEmpty
                && member.id != report.device.member
        }.map(\.id)
        return [
            "The device is NOT revoked, and no admin can revoke it: without it fewer live admins are left than the quorum of "
                + "\(view.quorum). By the",
            view.recoveryKey == nil
                ? "rules only a recovery key could, and the organisation has none."
                : "rules only the recovery key can, and no command of this version signs with it.",
            "Whoever opens its profile reads what comes for \(owner), and can invite and revoke as an admin. Until that is over:",
            "  telephone the desk\(desk.isEmpty ? "" : " (\(names(desk)))"): send nothing to \(owner), and no patient's data that can wait",
            "  telephone the relay's operator: while the relay is stopped nothing goes out to the device, nor to anybody else",
            "  found the organisation anew on other devices (\"nightbell admin found\"): the lost device is no part of that one",
        ]
    }

    private func names(_ members: [MemberID]) -> String {
        members.map { SafeText.line(report.report.name($0)) }.joined(separator: ", ")
    }

    private var keyReplacement: [String] {
        let what = key == .held ? "REPLACE THE AUDIT KEY" : "IF IT HELD THE AUDIT KEY, REPLACE THAT"
        return [
            "\(what): let another auditor join (\"nightbell admin invite --member NAME --role auditor\"; joining makes and offers a "
                + "key), then on an admin's device: nightbell admin audit-key accept DEVICE. The new key counts after 72 hours; until "
                + "then capsules are sealed to the old one, and those open only where the old one still lies. The relay gives no "
                + "capsule to a revoked device; what it fetched before, it has."
        ]
    }

    private var held: [String] {
        func line(_ number: Int, _ words: String) -> String? {
            number == 0 ? nil : "\(number)".padded(to: 6) + (number == 1 ? "message " : "messages ") + words
        }
        func them(_ number: Int) -> String { number == 1 ? "it" : "them" }
        let (stored, served, sent) = (count(.stored), count(.served), story.sent.count)
        var lines = [
            line(count(.shown), "that a person opened there"),
            line(stored, "stored there; no receipt says that a person saw \(them(stored))"),
            line(
                served,
                "let out to it without a receipt: it may have \(them(served)), and holds the keys that open \(them(served))"
            ),
            line(count(.didNotOpen), "that it said it could not open"),
            line(count(.pushed), "of which only a page went out: a preview of at most 256 bytes, no content"),
            line(count(.notServed), "that never left the relay for it"),
            line(sent, "that it sent: it knows \(sent == 1 ? "its" : "their") content"),
        ].compactMap { $0 }
        if lines.isEmpty { lines = ["nothing: no message was sealed to it, and it sent none"] }
        let fallback = story.received.filter { $0.isFallback && $0.holding.isReadable }
        if let last = fallback.map(\.message.logged).max() {
            lines.append(
                "\(fallback.count) of them \(fallback.count == 1 ? "is" : "are") sealed to a fallback prekey, whose private half is kept for up to "
                    + "\(DeviceStory.fallbackDays) days: whoever recorded their sealed bytes and has the device's keys can open them until "
                    + LocalTime.full(last.adding(seconds: Int64(DeviceStory.fallbackDays) * 86_400)) + " at the latest")
        }
        let saved = report.savedLines { patients?.patient(of: $0) }
        lines += saved
        lines.append(
            "The one-time prekeys of delivered messages were destroyed once the delivery was proven. What \(saved.isEmpty ? "" : "ELSE ")is "
                + "stored lies in the profile, sealed under a key that its passphrase or key file wraps.")
        switch key {
        case .no: break
        case .possible:
            lines.append(
                "IT IS AN AUDITOR'S DEVICE: it may hold the audit key, which opens EVERY capsule (patient identifiers, no contents)."
            )
        case .held:
            lines.append(
                "IT HOLDS THE AUDIT KEY, which opens EVERY capsule (patient identifiers, no contents), and an index of what they name."
            )
        }
        if view.isAdmin(report.device.id) {
            lines.append("IT IS AN ADMIN DEVICE: until it is revoked it can invite and revoke, within the quorum.")
        }
        return lines
    }

    private var whom: [String] {
        guard let patients else {
            if report.answer.look == nil {
                return [
                    "Not known here: an export holds no capsules, and only capsules name patients. Ask the relay, on the auditor's "
                        + "device that holds the audit key: the same command without --export."
                ]
            }
            return [
                "Not known here: this device holds no audit key, and only capsules name patients.",
                key == .no
                    ? "Ask on the auditor's device that holds it."
                    : "Ask on another auditor's device that holds it; if the lost one alone held it, EVERY patient of every message may be concerned.",
            ]
        }
        let number = patients.named.count
        let whole =
            key == .no ? "" : ", of EVERY capsule\(key == .possible ? ", for the case that it held the audit key" : "")"
        var lines = ["\(number.counted("patient is", "patients are")) named\(whole)\(number == 0 ? "" : ":")"]
        lines += patients.named.map { named in
            let count = named.messages.count
            let messages =
                key == .no
                ? named.messages.map(\.description).joined(separator: ", ") : count.counted("message")
            return "\(SafeText.line(named.patient)): \(messages)"
        }
        if !patients.unknown.isEmpty {
            lines.append(
                "\(number == 0 ? "but" : "and") "
                    + patients.unknown.count.counted(
                        "message whose capsule names nobody, is missing or did not open; ask its sender:",
                        "messages whose capsules name nobody, are missing or did not open; ask their senders:"))
            lines.append(patients.unknown.map(\.description).joined(separator: ", "))
        }
        return lines
    }

    private var days: [String] {
        var lines: [String] = []
        if !dates.isGiven {
            lines.append(
                "No day of discovery was given: these count from TODAY. The day that counts is the first one on which "
                    + "anybody of the workforce knew, or would have known with reasonable diligence (--discovered DATE)."
            )
        }
        if isDiscoveredTooEarly {
            lines.append(
                "CHECK THE DAY OF DISCOVERY: the device was enrolled later, on \(LocalTime.full(report.device.enrolled.time))."
            )
        }
        if let patients {
            let (named, unknown) = (patients.named.count, patients.unknown.count)
            let most =
                "; of \(unknown.counted("message")) nobody here knows whom \(unknown == 1 ? "it is" : "they are") about: "
                + "at most \(named + unknown), if each is about one patient"
            lines.append("By number: \(named) named" + (unknown == 0 ? "" : most))
        }
        lines += deadlines.deadlines.map { deadline in
            let word =
                switch deadline.applies {
                case .yes: deadline.isPast ? "WAS DUE BY \(deadline.lastDay), WHICH IS PAST" : "BY \(deadline.lastDay)"
                case .no: "DOES NOT APPLY, for \(deadline.exclusion ?? "")"
                case .depends:
                    "IT DEPENDS; by \(deadline.lastDay)\(deadline.isPast ? ", WHICH IS PAST" : "")"
                }
            return "\(word)  \(deadline.rule)  \(deadline.sentence)"
        }
        lines.append(
            "These are outer limits. Each rule says \"without unreasonable delay\" first, and State law may be shorter."
        )
        return lines
    }

    private var assessment: [String] {
        [
            "What: suite 1 of Nightbell's protocol; content under XChaCha20-Poly1305, its key sealed with X25519 and ML-KEM-768."
                + (report.saves.isEmpty ? "" : " NOT of the files that were saved in clear."),
            "Who: whoever holds the device. Whether they could open its profile depends on its passphrase or key file.",
            dates.lost == nil
                ? "Acquired or viewed: the receipts above say what was opened there, not by whom; --lost-at TIME tells apart what came later."
                : "Acquired or viewed: what was opened there before the loss, and what was let out to it or done on it after that, is above; who looked over a shoulder no log can tell.",
            "Mitigated: revocation stops what comes; it takes back nothing that is there.",
            "Lock state: not in the logs. The policy locks a profile after \(view.policy.lockAfterSeconds) s without use; ask its owner "
                + "whether it was locked, when it was last in use, and how long the passphrase is.",
            "This is arithmetic and a record of facts. Whether it was a breach, and who is told, is for your privacy officer to decide.",
        ]
    }
}
