import Auditing
import DeviceKit
import Membership
import Statements

/// What a file of evidence shows, for whoever was not there: a lawyer, a court, an expert. Times are UTC, so that two people
/// in two places read the same.
struct EvidenceWords {
    let verdict: EvidenceVerdict
    /// The devices that the entries name, in the order in which they come up, each under its number from 1.
    let devices: [Device]
    private let numbers: [DeviceID: Int]

    init(verdict: EvidenceVerdict) {
        self.verdict = verdict
        devices = Self.ids(verdict).compactMap { verdict.view?.device($0) }
        numbers = Dictionary(uniqueKeysWithValues: devices.enumerated().map { ($1.id, $0 + 1) })
    }

    /// What no file about one message can show.
    var limits: [String] {
        let sealed =
            verdict.capsule == nil
            ? "what the message said, and about whom: it is sealed, and only its recipients open it"
            : "what the message said: it is sealed, and only its recipients open it; and whether what its sender wrote into the capsule is true"
        let carried = carriedOn.map {
            "what became of \($0), which carries the message on: that takes a file of its own (\"nightbell audit evidence \($0) FILE\")"
        }
        return Self.beforeContent + [sealed] + Self.afterContent + carried
            + (verdict.hasOtherReadme ? [Self.otherReadme] : [])
    }

    /// The messages that carry this one on: who was handed it answers those.
    var carriedOn: [MessageID] {
        verdict.events.compactMap { event in
            guard case .referring(let manifest) = event.kind, case .forwardOf(_)? = manifest.reference else {
                return nil
            }
            return manifest.message
        }
    }

    private static let otherReadme =
        "that its README.txt is right: it is NOT the text that this version writes, and nobody vouches for what it says; follow another"

    private static let beforeContent = [
        "that nothing else was logged about the message: only a replay of the whole activity log shows that (\"nightbell audit verify\")",
        "that a page went where a subscription was proven, that a prekey was used once, that a device without a key was left out with "
            + "reason: other entries tell that",
        "that the relay showed everybody the same logs: compare sizes and roots with other members' \"nightbell status\"",
    ]

    private static let afterContent = [
        "who held a device in the hand: a signature is a device's, and the roster says whose device it is",
        "the true time: an entry's is the relay's word, \"by its own clock\" the device's; their order in the log is proven",
        "what happened after the checkpoint",
    ]

    static func time(_ time: Timestamp) -> String {
        time.description.replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// As they were called at a time of the log and, where that is another name, what they are called now.
    private func member(_ id: MemberID, _ time: Timestamp) -> String {
        SafeText.line(verdict.view?.displayName(of: id, at: time) ?? id.description)
    }

    /// Its member and its number in the list of devices: ids are long, and a story full of them is not read.
    func device(_ id: DeviceID, at time: Timestamp) -> String {
        guard let member = verdict.view?.device(id)?.member else { return "the unknown device \(id)" }
        return "\(self.member(member, time)) [\(number(id))]"
    }

    /// As it is called now.
    func device(_ id: DeviceID) -> String {
        verdict.view.map { device(id, at: $0.time) } ?? "the unknown device \(id)"
    }

    private func number(_ id: DeviceID) -> String { numbers[id].map { "\($0)" } ?? "\(id)" }

    // MARK: Entries

    /// One entry as a sentence, without its place and time.
    func text(_ event: EvidenceVerdict.Event) -> String {
        let time = event.logged
        return switch event.kind {
        case .manifest(let manifest): text(manifest, at: time)
        case .referred(let manifest):
            "an earlier message, \(manifest.message): from \(device(manifest.sender, at: time)) to \(member(manifest.member, time))"
        case .referring(let manifest):
            switch manifest.reference {
            case .inReplyTo:
                "answered by \(device(manifest.sender, at: time)) to \(member(manifest.member, time)), with \(manifest.message)"
            default:
                "carried on by \(device(manifest.sender, at: time)) to \(member(manifest.member, time)), as \(manifest.message)"
            }
        case .receipt(let receipt): text(receipt, at: time)
        case .access(let access): text(access, at: time)
        case .event(let event): text(event, at: time)
        }
    }

    private func text(_ manifest: Manifest, at time: Timestamp) -> String {
        let urgency = manifest.urgency.rawValue.replacing("_", with: " ")
        var text = "SENT by \(device(manifest.sender, at: time)) to \(member(manifest.member, time)), \(urgency)"
        text += ", to be answered before \(Self.time(manifest.expires)): sealed to "
        text += manifest.recipients.map { device($0.device, at: time) }.joined(separator: ", ")
        for left in manifest.without {
            text +=
                "; could not be sealed to \(device(left.device, at: time)) (\(left.reason.rawValue.replacing("_", with: " ")))"
        }
        text += ownTime(manifest.at, "signed")
        switch manifest.reference {
        case .inReplyTo(let id)?: return text + "; it answers \(id)"
        case .forwardOf(let id)?: return text + "; it carries on \(id)"
        case nil: return text
        }
    }

    private func text(_ receipt: Receipt, at time: Timestamp) -> String {
        let word = ActionWords.text(receipt.action.rawValue).uppercased()
        let reason = ActionWords.reason(receipt.reason?.rawValue)
        let meaning =
            switch receipt.action {
            case .delivered: ": opened and stored on the device"
            case .undecryptable: ": it did not open on the device"
            default: ""
            }
        let capsule =
            receipt.capsule == .differs ? "; it says that what was sealed for auditors differs from the message" : ""
        return
            "\(word)\(reason) by \(device(receipt.device, at: time))\(meaning)\(capsule)\(ownTime(receipt.at, "signed")), receipt \(receipt.number)"
    }

    private func text(_ access: Access, at time: Timestamp) -> String {
        let who =
            switch access.signer {
            case .device(let id): device(id, at: time)
            case .recovery: "the holder of the recovery key"
            }
        let what = access.kind == .evidence ? "made evidence of it, to be given away" : "looked at whom it is about"
        return
            "\(who) \(what); reason: \(access.reason.rawValue.replacing("_", with: " "))\(ownTime(access.at, "signed"))"
    }

    private func text(_ event: RelayEvent, at time: Timestamp) -> String {
        switch event.kind {
        case .served(let id, _, .envelope): "the relay let the sealed message out to \(device(id, at: time))"
        case .served(let id, _, .notice): "the relay told \(device(id, at: time)) what became of it"
        case .pushed(let id, _, let transport, let attempt, let outcome):
            "the relay tried to wake \(device(id, at: time)) by \(transport.rawValue.replacing("_", with: " ")), attempt \(attempt): \(outcome.rawValue)"
                + (outcome == .accepted ? " (by the push service, which is no delivery)" : "")
        case .undeliverable(let id, _, let reason):
            "NOT DELIVERABLE to \(device(id, at: time)): \(reason.rawValue.replacing("_", with: " "))"
        case .unanswered: "UNANSWERED: it expired, and nobody had answered it"
        case .fallback(let id, _, _):
            "for \(device(id, at: time)) a key was given out that is used more than once: no single-use one was left"
        case .roster, .subscription: "\(event.kind.word)"
        }
    }

    private func ownTime(_ time: Timestamp, _ word: String) -> String {
        "; \(word) at \(Self.time(time)) by its own clock"
    }

    // MARK: In short

    /// How long after its acceptance each thing was first done, by the log's times.
    var summary: [String] {
        guard let sent = verdict.events.first(where: { if case .manifest = $0.kind { true } else { false } }) else {
            return []
        }
        var told: Set<String> = []
        var isExpired = false
        // Whether somebody had read it, taken it up or handed it on.
        var isOpened = false
        var lines: [String] = []
        for event in verdict.events {
            let time = event.logged
            var doubt = ""
            let word: String
            let words: String
            switch event.kind {
            case .event(let event):
                switch event.kind {
                case .served(let id, _, .envelope):
                    word = "served"
                    words = "first let out to \(device(id, at: time))"
                case .unanswered:
                    isExpired = true
                    word = "unanswered"
                    words = "expired unanswered"
                default: continue
                }
            case .receipt(let receipt):
                word = receipt.action.rawValue
                words = "first \(ActionWords.text(word)) by \(device(receipt.device, at: time))"
                if receipt.action == .closed, !isOpened { doubt += ", UNREAD: nobody had read it or taken it up" }
                let isAnswer = [.acknowledged, .handedOff, .closed].contains(receipt.action)
                if isExpired, isAnswer { doubt += ", LATE: it had expired unanswered" }
                isOpened = isOpened || [.read, .acknowledged, .handedOff].contains(receipt.action)
            default: continue
            }
            guard told.insert(word).inserted else { continue }
            let passed = event.logged.milliseconds(since: sent.logged)
            lines.append("\(words) after \(Self.span(passed)) (entry \(event.index))\(doubt)")
        }
        return lines
    }

    /// `0.749 s`, `12 min 3 s`, `2 h 5 min`: as exact as it matters.
    static func span(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<60:
            return "\(seconds).\(String("\(1000 + milliseconds % 1000)".dropFirst())) s"
        case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
        default: return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        }
    }

    // MARK: Devices

    private static func ids(_ verdict: EvidenceVerdict) -> [DeviceID] {
        var ids: [DeviceID] = verdict.statement.map { [$0.device] } ?? []
        for event in verdict.events {
            if let device = event.device { ids.append(device) }
            if case .manifest(let manifest) = event.kind {
                ids += manifest.recipients.map(\.device) + manifest.without.map(\.device)
            }
        }
        var seen: Set<DeviceID> = []
        return ids.filter { seen.insert($0).inserted }
    }

    /// As its member was called when it was enrolled.
    func text(_ device: Device) -> String {
        let since = device.enrolled.time
        var text =
            "[\(number(device.id))]  \(device.id)  \(member(device.member, since)), \"\(SafeText.line(device.label.description))\", since \(Self.time(since))"
        if let revoked = device.revoked {
            text += ", REVOKED \(Self.time(revoked.place.time)): \(SafeText.line(revoked.reason.description))"
        } else if verdict.view?.liveDevice(device.id) == nil {
            text += ", its member is suspended"
        }
        return text
    }

    /// Which of a device's receipts are here.
    func text(_ numbers: EvidenceVerdict.Numbers) -> String {
        let list = numbers.numbers.map { "\($0)" }.joined(separator: ", ")
        let below =
            numbers.hasGaps
            ? "lower numbers that are not here may be about other messages"
            : "none below \(numbers.numbers.last ?? 0) is missing"
        return
            "of \(device(numbers.device)) the file holds receipt\(numbers.numbers.count == 1 ? "" : "s") \(list); \(below); later ones may exist"
    }
}
