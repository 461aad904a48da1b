import DeviceKit
import Membership
import Statements

/// What a message says, for people and for scripts.
enum ContentText {
    static func document(_ content: MessageContent?, raw: [UInt8], _ view: RosterView) -> JSONValue {
        switch content {
        case .record(let record): record.document
        case .text(let text): ["text": .string(text)]
        case .reply(let reply): document(reply)
        case .handOff(let handOff): document(handOff, view)
        case nil: ["raw": .string(String(decoding: raw, as: UTF8.self))]
        }
    }

    static func document(_ reply: Reply) -> JSONValue {
        var object = JSONObject()
        object.set("text", ifPresent: reply.text.map { .string($0) })
        object.set("promised_at", ifPresent: reply.promisedAt.map { .text($0) })
        object.set("disposition", ifPresent: reply.disposition.map { .string($0) })
        object.set("receipt", ifPresent: reply.receiptHash.map { .string($0) })
        return .object(object)
    }

    /// Without the original's key: it is for whoever checks, not for whoever reads.
    private static func document(_ handOff: HandOff, _ view: RosterView) -> JSONValue {
        var object = JSONObject()
        object.set("text", ifPresent: handOff.text.map { .string($0) })
        if let manifest = handOff.manifest {
            object.set("original", to: .text(manifest.message))
            object.set("original_from", to: .string(name(of: manifest.sender, view)))
            object.set("original_at", to: .text(manifest.at))
            object.set("original_attachments", to: .integer(manifest.attachments.count))
        }
        object.set("content", to: document(handOff.original, raw: Array(handOff.originalText.utf8), view))
        return .object(object)
    }

    /// - Parameters:
    ///   - at: When it was written.
    ///   - isOwn: Whether whoever reads it wrote it.
    static func human(
        _ content: MessageContent?, raw: [UInt8], at: Timestamp, _ view: RosterView, columns: Int?, isOwn: Bool = false
    ) -> String {
        switch content {
        case .record(let record):
            RecordText.text(record.document, at: at, columns: columns ?? RecordText.standardColumns)
        case .text(let text): SafeText.block(text)
        case .reply(let reply): human(reply, isOwn: isOwn)
        case .handOff(let handOff): human(handOff, at: at, view, columns: columns)
        case nil:
            "the content is nothing that this version knows; its bytes:\n"
                + SafeText.block(String(decoding: raw, as: UTF8.self))
        }
    }

    /// - Parameter isOwn: Whether whoever reads it wrote it.
    static func human(_ reply: Reply, isOwn: Bool = false) -> String {
        var lines: [String] = []
        if let promised = reply.promisedAt {
            lines.append(
                "  \(isOwn ? "you promised to call" : "calls") the patient by \(ClockTime.text(promised))")
        }
        if let disposition = reply.disposition {
            lines.append("  closed:\n" + SafeText.block(disposition, indent: "    "))
        }
        if let text = reply.text { lines.append(SafeText.block(text)) }
        return lines.joined(separator: "\n")
    }

    private static func human(_ handOff: HandOff, at: Timestamp, _ view: RosterView, columns: Int?) -> String {
        let path = HandOffPath(handOff, view)
        var lines: [String] = []
        for hand in path.hands {
            if let text = hand.text { lines += ["the one who hands it to you says:", SafeText.block(text), ""] }
            guard let original = hand.original else { continue }
            lines.append("handed on, first sent by \(original.from) at \(LocalTime.short(original.at)):")
            if original.attachments > 0 {
                lines.append(
                    "ITS \(original.attachments) ATTACHMENTS DID NOT COME WITH IT: ask the one who handed it to you")
            }
        }
        lines.append(
            human(
                path.content, raw: Array(path.contentText.utf8), at: path.hands.last?.original?.at ?? at, view,
                columns: columns))
        return lines.joined(separator: "\n")
    }

    private static func name(of device: DeviceID, _ view: RosterView) -> String {
        view.device(device).flatMap { view.member($0.member)?.name.description } ?? device.description
    }
}
