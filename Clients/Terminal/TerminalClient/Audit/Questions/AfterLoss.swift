import Auditing
import DeviceKit
import Membership
import Statements

/// What was let out to a device, and what was done on it, at the moment of its loss or later: by the log's time, for whoever has
/// the device can set its clock.
struct AfterLoss {
    /// A message of which something was let out.
    private struct LetOut {
        let received: DeviceStory.Received
        /// The first thing that was let out since the loss.
        let first: AuditedMessage.Fact
        /// The first of its sealed bytes since the loss, and the first page.
        let served: AuditedMessage.Fact?
        let pushed: AuditedMessage.Fact?
        /// Whether something of it was let out before the loss as well: its owner may have it.
        let isRepeated: Bool
        /// What says that a person opened it there: since the loss, if anything says so.
        let opening: AuditedMessage.Fact?

        init?(_ received: DeviceStory.Received, since lost: Timestamp) {
            let releases = received.releases
            let late = releases.filter { $0.logged >= lost }
            guard let first = late.first else { return nil }
            self.received = received
            self.first = first
            served = late.first { $0.word == "served" }
            pushed = late.first { $0.word == "pushed" }
            isRepeated = late.count < releases.count
            let openings = received.openings
            opening = openings.first { $0.logged >= lost && $0.at >= lost } ?? openings.first
        }

        var message: AuditedMessage { received.message }
    }

    /// Something that was done on the device.
    private struct Deed {
        let message: MessageID
        let word: String
        /// By the device's own clock.
        let at: Timestamp
        let logged: Timestamp
        let index: UInt64
    }

    private let lost: Timestamp
    private let report: DeviceReport
    private let patients: BreachPatients?
    private let letOut: [LetOut]
    private let deeds: [Deed]

    init(_ lost: Timestamp, _ report: DeviceReport, patients: BreachPatients?) {
        self.lost = lost
        self.report = report
        self.patients = patients
        letOut = report.story.received.compactMap { LetOut($0, since: lost) }
            .sorted { $0.first.index < $1.first.index }
        let done = report.story.received.flatMap { received in
            received.deeds(since: lost).map {
                Deed(
                    message: received.message.message, word: $0.word, at: $0.at, logged: $0.logged, index: $0.index)
            }
        }
        let sent = report.story.sent.filter { $0.logged >= lost }.map {
            Deed(message: $0.message, word: "manifest", at: $0.at, logged: $0.logged, index: $0.index)
        }
        deeds = (done + sent).sorted { $0.index < $1.index }
    }

    /// Whether it was lost before there was the device: then everything that its owner did stands behind the loss.
    var isBeforeEnrolment: Bool { lost < report.device.enrolled.time }

    // MARK: JSON

    var letOutDocument: JSONValue {
        .array(
            letOut.map { out in
                var object = JSONObject()
                object.set("message", to: .text(out.message.message))
                object.set("at", to: .text(out.first.logged))
                object.set("index", to: .integer(out.first.index))
                object.set("from", to: .text(orNull: out.message.senderMember))
                report.report.setName(
                    "from_name", of: out.message.senderMember, at: out.message.logged, in: &object)
                object.set("urgency", to: .string(out.message.urgency.rawValue))
                object.set("patient", to: .text(orNull: patients?.patient(of: out.message.message)))
                object.set("served", to: .text(orNull: out.served?.logged))
                object.set("pushed", to: .text(orNull: out.pushed?.logged))
                object.set("let_out_before", to: .bool(out.isRepeated))
                object.set("holding", to: .string(out.received.holding.rawValue))
                object.set("opened", to: .text(orNull: out.opening?.logged))
                return .object(object)
            })
    }

    var doneDocument: JSONValue {
        .array(
            deeds.map {
                [
                    "message": .text($0.message), "what": .string($0.word), "at": .text($0.at),
                    "logged": .text($0.logged), "index": .integer($0.index),
                    "signed_before_loss": .bool($0.at < lost),
                ]
            })
    }

    // MARK: Words

    /// Sections, each behind an empty line.
    var lines: [String] {
        var lines: [String] = []
        if isBeforeEnrolment {
            let enrolled = LocalTime.exact(report.device.enrolled.time)
            lines += ["", "CHECK THE MOMENT OF THE LOSS (\(moment)): the device was enrolled later, on \(enrolled)."]
        }
        lines += ["", "LET OUT TO IT AFTER IT WAS LOST (\(moment)): whoever had it may have got this"]
        lines += letOut.isEmpty ? ["  nothing: no message, and no page of one"] : letOut.map { "  \(words($0))" }
        if report.isAuditors {
            lines.append(
                "  what an auditor's device reads of logs and capsules leaves the relay without an entry: it is not here"
            )
        }
        let own = deeds.filter { $0.at >= lost }
        lines += ["", "DONE ON IT AFTER IT WAS LOST (\(moment)), by whoever had it and not by its owner"]
        lines += own.isEmpty ? ["  nothing, as far as receipts say"] : own.map { "  \(words($0))" }
        // A receipt waits on the device while the relay is away: the owner may have done it.
        let waited = deeds.filter { $0.at < lost }
        if !waited.isEmpty {
            lines += [
                "",
                "LOGGED AFTER IT WAS LOST (\(moment)), AND SIGNED BEFORE, by the device's own clock: it may have waited there, or "
                    + "the clock was set back",
            ]
            lines += waited.map { "  \(words($0))  SIGNED AT \(LocalTime.exact($0.at))" }
        }
        return lines
    }

    private var moment: String { LocalTime.exact(lost) }

    private func words(_ out: LetOut) -> String {
        let from = report.report.name(out.message.senderMember, at: out.message.logged)
        let parts: [String?] = [
            LocalTime.exact(out.first.logged), out.message.urgency.words, out.message.message.description,
            patient(out.message.message), "from \(SafeText.line(from))",
            out.served == nil ? "a page only" : nil, fate(out), out.isRepeated ? "let out before as well" : nil,
            "entry \(out.first.index)",
        ]
        return parts.compactMap { $0 }.joined(separator: "  ")
    }

    /// Whether it was opened there; `nil` where "a page only" says it.
    private func fate(_ out: LetOut) -> String? {
        guard let opening = out.opening else {
            return switch out.received.holding {
            case .notServed, .pushed: nil
            case .served: "not known to be opened: no receipt"
            case .didNotOpen, .stored, .shown: DeviceReport.words(out.received.holding)
            }
        }
        let at = LocalTime.exact(opening.logged)
        if opening.logged < lost { return "opened there before, at \(at)" }
        return opening.at < lost
            ? "OPENED THERE, logged at \(at), signed before the loss" : "OPENED THERE at \(at)"
    }

    private func words(_ deed: Deed) -> String {
        let word = deed.word == "manifest" ? "SENT" : ActionWords.text(deed.word)
        let parts: [String?] = [
            LocalTime.exact(deed.logged), word, deed.message.description, patient(deed.message), "entry \(deed.index)",
        ]
        return parts.compactMap { $0 }.joined(separator: "  ")
    }

    private func patient(_ message: MessageID) -> String? { patients?.patient(of: message).map { SafeText.line($0) } }
}
