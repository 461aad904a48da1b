import Auditing
import DeviceKit
import Membership
import Statements

/// What a device held that may be in other hands, whom it is about, and which deadlines run: facts, and no judgement.
struct BreachReport {
    private let report: DeviceReport
    private let patients: BreachPatients?
    private let deadlines: BreachDeadlines
    private let isGiven: Bool

    init(_ report: DeviceReport, patients: BreachPatients?, discovered: CalendarDay, isGiven: Bool) {
        self.report = report
        self.patients = patients
        self.isGiven = isGiven
        deadlines = BreachDeadlines(
            discovered: discovered, individuals: patients?.named.count, isComplete: patients?.unknown.isEmpty ?? false)
    }

    /// The messages of which the device held, or could open, something: what was let out or pushed to it, and what it sent.
    static func exposed(_ story: DeviceStory) -> [MessageID] {
        story.sent.map(\.message) + story.received.filter(\.holding.isReadable).map(\.message.message)
    }

    private var story: DeviceStory { report.story }
    private var view: RosterView { report.answer.verdict.view ?? report.answer.history.view }
    private var isAuditors: Bool { view.member(report.device.member)?.roles.contains(.auditor) == true }

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
        object.set("holds_audit_key", to: isAuditors ? .string("possible") : .string("no"))
        object.set("discovered", to: .string(deadlines.discovered.description))
        object.set("discovered_given", to: .bool(isGiven))
        object.set(
            "deadlines",
            to: .array(
                deadlines.deadlines.map {
                    [
                        "rule": .string("45 CFR \($0.rule)"), "whom": .string($0.whom),
                        "last_day": .string($0.lastDay.description), "applies": .string($0.applies.rawValue),
                        "sentence": .string($0.sentence),
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
        lines += ["", "WHOM IT IS ABOUT"] + whom.map { "  \($0)" }
        lines +=
            ["", "IF IT WAS A BREACH: UNTIL WHEN (45 CFR 164.404 to 164.410, from \(deadlines.discovered))"]
            + days.map { "  \($0)" }
        lines += ["", "FOR THE ASSESSMENT UNDER 45 CFR 164.402(2)"] + assessment.map { "  \($0)" }
        if !story.findings.isEmpty { lines += ["", "FINDINGS THAT CONCERN IT"] + report.findingLines }
        lines += ["", report.answer.words]
        return lines.joined(separator: "\n")
    }

    private var first: [String] {
        if let revoked = report.device.revoked {
            return [
                "The device is revoked since \(LocalTime.full(revoked.place.time)): the relay lets nothing out to it any more.",
                "It destroys what it holds when it hears of that. No receipt can say that it did: a revoked device signs nothing.",
            ]
        }
        return [
            "The device is NOT revoked: whoever has it may still read what comes. Revoke it now, on an admin's device:",
            "  nightbell admin revoke \(report.device.id) --reason \"lost\"",
        ]
    }

    private var held: [String] {
        func line(_ number: Int, _ words: String) -> String? { number == 0 ? nil : "\(number)".padded(to: 6) + words }
        var lines = [
            line(count(.shown), "messages that a person opened there"),
            line(count(.stored), "messages stored there; no receipt says that a person saw them"),
            line(
                count(.served),
                "messages let out to it without a receipt: it may have them, and holds the keys that open them"),
            line(count(.didNotOpen), "messages that it said it could not open"),
            line(count(.pushed), "messages of which only a page went out: a preview of at most 256 bytes, no content"),
            line(count(.notServed), "messages that never left the relay for it"),
            line(story.sent.count, "messages that it sent: it knows their content"),
        ].compactMap { $0 }
        if lines.isEmpty { lines = ["nothing: no message was sealed to it, and it sent none"] }
        let fallback = story.received.filter { $0.isFallback && $0.holding.isReadable }
        if let last = fallback.map(\.message.logged).max() {
            lines.append(
                "\(fallback.count) of them are sealed to a fallback prekey, whose private half is kept for up to "
                    + "\(DeviceStory.fallbackDays) days: whoever recorded")
            lines.append(
                "their sealed bytes and has the device's keys can open them until "
                    + LocalTime.full(last.adding(seconds: Int64(DeviceStory.fallbackDays) * 86_400)) + " at the latest")
        }
        lines.append(
            "The one-time prekeys of delivered messages were destroyed once the delivery was proven. What is stored lies in the"
        )
        lines.append("profile, sealed under a key that its passphrase or key file wraps.")
        if isAuditors {
            lines.append(
                "IT IS AN AUDITOR'S DEVICE: it may hold the audit key, which opens EVERY capsule (patient identifiers, no contents)."
            )
        }
        if view.isAdmin(report.device.id) {
            lines.append("IT IS AN ADMIN DEVICE: until it is revoked it can invite and revoke, within the quorum.")
        }
        return lines
    }

    private var whom: [String] {
        guard let patients else {
            return [
                "Not known here: this device holds no audit key, and only capsules name patients.",
                "Ask on the auditor's device that holds it.",
            ]
        }
        var lines = patients.named.map { named in
            "\(SafeText.line(named.patient)): \(named.messages.map(\.description).joined(separator: ", "))"
        }
        let number = patients.named.count
        lines.insert(number == 1 ? "1 patient is named:" : "\(number) patients are named:", at: 0)
        if !patients.unknown.isEmpty {
            lines.append(
                "and \(patients.unknown.count) messages whose capsules name nobody, are missing or did not open; ask their senders:"
            )
            lines.append(patients.unknown.map(\.description).joined(separator: ", "))
        }
        return lines
    }

    private var days: [String] {
        var lines: [String] = []
        if !isGiven {
            lines.append(
                "No day of discovery was given: these count from TODAY. The day that counts is the first one on which")
            lines.append(
                "anybody of the workforce knew, or would have known with reasonable diligence (--discovered DATE).")
        }
        for deadline in deadlines.deadlines {
            let word =
                switch deadline.applies {
                case .yes: "BY \(deadline.lastDay)"
                case .no: "not by number"
                case .depends: "it depends; \(deadline.lastDay)"
                }
            lines.append("\(word)  \(deadline.rule)  \(deadline.sentence)")
        }
        lines.append(
            "These are outer limits. Each rule says \"without unreasonable delay\" first, and State law may be shorter."
        )
        return lines
    }

    private var assessment: [String] {
        [
            "What: suite 1 of Nightbell's protocol; content under XChaCha20-Poly1305, its key sealed with X25519 and ML-KEM-768.",
            "Who: whoever holds the device. Whether they could open its profile depends on its passphrase or key file.",
            "Acquired or viewed: the receipts above say what its owner opened; of anybody else no log can tell.",
            "Mitigated: revocation stops what comes; it takes back nothing that is there.",
            "Lock state: not in the logs. The policy locks a profile after \(view.policy.lockAfterSeconds) s without use; ask its owner",
            "whether it was locked, when it was last in use, and how long the passphrase is.",
            "This is arithmetic and a record of facts. Whether it was a breach, and who is told, is for your privacy officer to decide.",
        ]
    }
}
