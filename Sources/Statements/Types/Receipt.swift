public import Secrets

/// A recipient's statement: one step of a message's delivery.
public struct Receipt: StatementText {
    public static let type: StaticString = "nightbell.receipt/v1"

    public let organisation: OrganisationID
    public let seen: SeenBoth
    public let message: MessageID
    /// Hash of the manifest.
    public let manifest: Digest
    public let device: DeviceID
    public let action: ReceiptAction
    public let reason: ReceiptReason?
    /// Only with ``ReceiptAction/delivered``.
    public let capsule: CapsuleVerdict?
    /// Only with ``ReceiptAction/filed``: BLAKE2b-256, keyed with the message's subkey 5, of the id under which it was
    /// filed. Who holds the message can compare it with an id; nobody else learns anything.
    public let filed: Digest?
    public let at: Timestamp
    /// Counts this device's receipts from 1.
    public let number: UInt64
    /// Hash of the device's receipt before this one.
    public let previous: Digest?
    /// Head of the device's step log.
    public let steps: Digest

    public init(
        organisation: OrganisationID, seen: SeenBoth, message: MessageID, manifest: Digest, device: DeviceID,
        action: ReceiptAction, reason: ReceiptReason?, capsule: CapsuleVerdict?, filed: Digest? = nil, at: Timestamp,
        number: UInt64, previous: Digest?, steps: Digest
    ) {
        precondition((action == .filed) == (filed != nil), "a filed receipt, and no other, says under which id")
        self.organisation = organisation
        self.seen = seen
        self.message = message
        self.manifest = manifest
        self.device = device
        self.action = action
        self.reason = reason
        self.capsule = capsule
        self.filed = filed
        self.at = at
        self.number = number
        self.previous = previous
        self.steps = steps
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(from: &reader)
        message = try reader.identifier("message")
        manifest = try reader.hash("manifest")
        device = try reader.identifier("device")
        action = try reader.word("action")
        let value = try reader.value("reason")
        if value.elementsEqual("none".utf8) {
            reason = nil
        } else {
            let word: ReceiptReason = try TextReader.word(value, or: reader.error("reason"))
            reason = word
        }
        guard ReceiptReason.permitted(for: action).contains(reason) else { throw reader.error("reason") }
        if action == .delivered {
            let verdict: CapsuleVerdict = try reader.word("capsule")
            capsule = verdict
        } else {
            capsule = nil
        }
        filed = action == .filed ? try reader.hash("filed") : nil
        at = try reader.time("at")
        number = try reader.integer("number")
        previous = try reader.optionalHash("previous")
        guard number >= 1, (number == 1) == (previous == nil) else { throw reader.error("previous") }
        steps = try reader.hash("steps")
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(to: &writer)
        writer.line("message", message)
        writer.line("manifest", manifest)
        writer.line("device", device)
        writer.line("action", action.rawValue)
        writer.line("reason", reason?.rawValue ?? "none")
        if action == .delivered { writer.line("capsule", (capsule ?? .none).rawValue) }
        if let filed { writer.line("filed", filed) }
        writer.line("at", at)
        writer.line("number", number)
        writer.line("previous", orNone: previous)
        writer.line("steps", steps)
    }
}
