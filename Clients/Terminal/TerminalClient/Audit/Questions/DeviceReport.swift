import Auditing
import DeviceKit
import Membership
import Statements

/// A device in JSON and in words: what it was, and what the logs tell of it.
struct DeviceReport {
    let device: Device
    let story: DeviceStory
    let answer: AuditedAnswer
    /// How wide the terminal is that shows the tables; `nil` when none does.
    private let columns: Int?

    init(_ device: Device, _ answer: AuditedAnswer, columns: Int? = nil) throws {
        self.answer = answer
        self.columns = columns
        let view = answer.verdict.view ?? answer.history.view
        self.device = view.device(device.id) ?? device
        story = try DeviceStory(device.id, answer.verdict, answer.history)
    }

    var report: AuditReport { answer.report }
    private var view: RosterView { answer.verdict.view ?? answer.history.view }

    var status: String {
        device.revoked != nil ? "revoked" : view.member(device.member)?.status == .active ? "active" : "suspended"
    }

    /// Whether its member is an auditor.
    var isAuditors: Bool { view.member(device.member)?.roles.contains(.auditor) == true }

    // MARK: JSON

    /// What it is, and when it began and ended.
    func describe(in object: inout JSONObject) {
        object.set("device", to: .text(device.id))
        object.set("member", to: .text(device.member))
        object.set("name", to: report.nameOrNull(device.member))
        object.set("roles", to: .array((view.member(device.member)?.roles ?? []).sorted().map { .string($0.rawValue) }))
        object.set("label", to: .text(device.label))
        object.set("platform", to: .text(device.platform))
        object.set("status", to: .string(status))
        object.set("admin", to: .bool(view.isAdmin(device.id)))
        let invitation = device.invitation.flatMap { view.invitation($0) }
        object.set(
            "enrolled",
            to: [
                "at": .text(device.enrolled.time), "index": .integer(device.enrolled.index),
                "invited_by": .text(orNull: invitation?.issuer),
                "invited_by_name": name(
                    ofSigner: invitation?.issuer?.description, at: invitation?.issued.time ?? device.enrolled.time),
            ])
        object.set(
            "revoked",
            to: device.revoked.map { revoked -> JSONValue in
                let signers = answer.history.signers(of: revoked.place.index)
                return [
                    "at": .text(revoked.place.time), "index": .integer(revoked.place.index),
                    "reason": .text(revoked.reason), "by": .array(signers.map { .string($0) }),
                    "by_name": name(ofSigner: signers.first, at: revoked.place.time),
                ]
            } ?? .null)
        object.set("last_statement", to: story.lastAct.map(Self.document) ?? .null)
        object.set(
            "last_served",
            to: story.lastServed.map { ["logged": .text($0.logged), "index": .integer($0.index)] } ?? .null)
    }

    /// What it got, what could not be sealed to it, what it sent, how often it looked, and what was found about it.
    func describeDeeds(in object: inout JSONObject) {
        object.set("received", to: .array(story.received.map { document($0) }))
        object.set(
            "without",
            to: .array(story.without.map { ["message": .text($0.message), "reason": .string($0.reason.rawValue)] }))
        object.set("saved_in_clear", to: .array(saves.map { .object(Self.object($0)) }))
        object.set("sent", to: .array(story.sent.map { document(sent: $0) }))
        object.set("looks", to: .integer(story.looks.count))
        object.set("findings", to: findings)
    }

    private static func document(_ act: DeviceStory.Act) -> JSONValue {
        [
            "log": .string(act.log.rawValue), "index": .integer(act.index), "logged": .text(act.logged),
            "what": .string(act.word),
        ]
    }

    /// A file that was saved out of the client.
    struct Save {
        let message: MessageID
        let fact: AuditedMessage.Fact
    }

    /// Every file that was saved on it out of the client, where no key is needed to read it.
    var saves: [Save] {
        story.received.flatMap { received in received.saves.map { Save(message: received.message.message, fact: $0) } }
    }

    static func object(_ save: Save) -> JSONObject {
        var object = JSONObject()
        object.set("message", to: .text(save.message))
        object.set("at", to: .text(save.fact.at))
        object.set("logged", to: .text(save.fact.logged))
        object.set("index", to: .integer(save.fact.index))
        return object
    }

    /// That files were saved, and which.
    /// - Parameter patient: Whom a message is about, where that is known.
    func savedLines(_ patient: (MessageID) -> String? = { _ in nil }) -> [String] {
        let saves = saves
        guard !saves.isEmpty else { return [] }
        let lines = saves.map { save in
            "  \(LocalTime.full(save.fact.logged))  \(save.message)"
                + (patient(save.message).map { "  \(SafeText.line($0))" } ?? "") + "  entry \(save.fact.index)"
        }
        return [
            "\(saves.count.counted("FILE WAS", "FILES WERE")) SAVED OUT OF NIGHTBELL ON IT, IN CLEAR: no key is needed "
                + "to read what lies there"
        ] + lines
    }

    /// A message that was sealed to it.
    func document(_ received: DeviceStory.Received) -> JSONValue {
        let message = received.message
        var object = JSONObject()
        object.set("message", to: .text(message.message))
        object.set("index", to: .integer(message.index))
        object.set("logged", to: .text(message.logged))
        object.set("from", to: .text(orNull: message.senderMember))
        report.setName("from_name", of: message.senderMember, at: message.logged, in: &object)
        object.set("urgency", to: .string(message.urgency.rawValue))
        object.set("prekey", to: .string(received.isFallback ? "fallback" : "one-time"))
        object.set("holding", to: .string(received.holding.rawValue))
        object.set("undeliverable", to: .bool(received.isUndeliverable))
        object.set("served", to: .text(orNull: served(received)?.logged))
        for word in ["pushed", "delivered", "read", "disclosed"] {
            object.set(word, to: .text(orNull: received.first(word)?.logged))
        }
        object.set(
            "states",
            to: .array(
                message.facts.filter { ReceiptAction(rawValue: $0.word) != nil }.map {
                    [
                        "action": .string($0.word), "reason": .text(orNull: $0.reason), "at": .text($0.at),
                        "logged": .text($0.logged), "index": .integer($0.index),
                    ]
                }))
        object.set("verified", to: .bool(report.isVerified(message)))
        return .object(object)
    }

    func served(_ received: DeviceStory.Received) -> AuditedMessage.Fact? {
        received.releases.first { $0.word == "served" }
    }

    func document(sent message: AuditedMessage) -> JSONValue {
        var object = JSONObject()
        object.set("message", to: .text(message.message))
        object.set("index", to: .integer(message.index))
        object.set("logged", to: .text(message.logged))
        object.set("to", to: .text(message.member))
        report.setName("to_name", of: message.member, at: message.logged, in: &object)
        object.set("urgency", to: .string(message.urgency.rawValue))
        object.set("state", to: .string(message.state.rawValue))
        object.set("verified", to: .bool(report.isVerified(message)))
        return .object(object)
    }

    var findings: JSONValue { .array(story.findings.map(AuditReport.document)) }

    private func name(ofSigner signer: String?, at time: Timestamp) -> JSONValue {
        .text(orNull: signer.map { words(ofSigner: $0, at: time) })
    }

    /// A person's name when it signed, where the signer is a device of one.
    private func words(ofSigner signer: String, at time: Timestamp) -> String {
        if signer == "recovery" { return "the recovery key" }
        guard let device = DeviceID(signer).flatMap({ view.device($0) }) else { return signer }
        return view.displayName(of: device.member, at: time)
    }

    // MARK: Words

    /// What it is, when it began and ended, and when it was last heard of.
    var heading: [String] {
        let roles = view.member(device.member)?.roles ?? []
        var lines = [
            "\(device.id)  \(status)",
            "  of       \(SafeText.line(report.name(device.member))) (\(RoleWords.list(roles)))\(view.isAdmin(device.id) ? ", an ADMIN device" : "")",
            "  called   \(SafeText.line(device.label.description)), \(device.platform)",
        ]
        let issuer = device.invitation.flatMap { view.invitation($0) }.flatMap { invitation in
            invitation.issuer.map { words(ofSigner: $0.description, at: invitation.issued.time) }
        }
        lines.append(
            "  since    \(LocalTime.full(device.enrolled.time)), roster entry \(device.enrolled.index)"
                + (issuer.map { ", invited by \(SafeText.line($0))" } ?? ", a founding device"))
        if let revoked = device.revoked {
            let by = answer.history.signers(of: revoked.place.index)
                .map { words(ofSigner: $0, at: revoked.place.time) }.joined(separator: ", ")
            lines.append(
                "  revoked  \(LocalTime.full(revoked.place.time)), roster entry \(revoked.place.index), by \(SafeText.line(by)): \(SafeText.line(revoked.reason.description))"
            )
        }
        lines.append("  signed   " + (story.lastAct.map(Self.words) ?? "nothing that stands in a log"))
        let never =
            isAuditors
            ? "no message; the logs and capsules that an auditor reads leave the relay without an entry, only looks have one"
            : "nothing ever left the relay for it"
        lines.append(
            "  let out  "
                + (story.lastServed.map { "last on \(LocalTime.full($0.logged)), activity entry \($0.index)" } ?? never)
        )
        return lines
    }

    private static func words(_ act: DeviceStory.Act) -> String {
        "last on \(LocalTime.full(act.logged)): \(ActionWords.text(act.word)), \(act.log.rawValue) entry \(act.index)"
    }

    /// How far a message came there, in words.
    static func words(_ holding: DeviceStory.Holding) -> String {
        switch holding {
        case .notServed: "never left the relay for it"
        case .pushed: "only a page went out"
        case .served: "let out, no receipt"
        case .didNotOpen: "did not open there"
        case .stored: "stored, not seen to be read"
        case .shown: "read there"
        }
    }

    var receivedTable: String {
        let table = Table(
            ["MESSAGE", "LOGGED", "FROM", "URGENCY", "ON THIS DEVICE", "LET OUT", "READ", "PREKEY"],
            story.received.map { received in
                [
                    received.message.message.description, LocalTime.short(received.message.logged),
                    report.name(received.message.senderMember, at: received.message.logged),
                    received.message.urgency.words,
                    Self.words(received.holding) + (received.saves.isEmpty ? "" : ", FILE SAVED IN CLEAR"),
                    served(received).map { LocalTime.short($0.logged) } ?? "",
                    received.first("read").map { LocalTime.short($0.logged) } ?? "",
                    received.isFallback ? "fallback" : "one-time",
                ]
            })
        return table.text(
            columns: columns,
            Table.Narrowing(
                below: [
                    (column: 7, words: "prekey "), (column: 5, words: "let out "), (column: 6, words: "read "),
                    (column: 4, words: "on it "), (column: 2, words: "from "),
                ]))
    }

    var sentTable: String {
        let table = Table(
            ["MESSAGE", "LOGGED", "TO", "URGENCY", "STATE"],
            story.sent.map {
                [
                    $0.message.description, LocalTime.short($0.logged), report.name($0.member, at: $0.logged),
                    $0.urgency.words,
                    AuditMessagesCommand.state($0),
                ]
            })
        return table.text(
            columns: columns, Table.Narrowing(below: [(column: 4, words: "state "), (column: 2, words: "to ")]))
    }

    var findingLines: [String] {
        story.findings.map { "  \($0.code.rawValue): \(SafeText.line($0.sentence))" }
    }
}
