public import Secrets

/// What an auditor's device says of a file of evidence about one message: which logs it had verified, and the hash of the
/// list of everything in the file. A note, not logged.
public struct EvidenceStatement: StatementText {
    public static let type: StaticString = "nightbell.evidence/v1"

    public let organisation: OrganisationID
    /// The checkpoints under which the file proves every entry.
    public let seen: SeenBoth
    public let message: MessageID
    /// The auditor's.
    public let device: DeviceID
    /// The device's own time.
    public let at: Timestamp
    /// How many files `SHA256SUMS` lists, 1 at least.
    public let partCount: UInt64
    /// SHA-256 of `SHA256SUMS`, which holds that of every other part.
    public let sums: Digest

    public init(
        organisation: OrganisationID, seen: SeenBoth, message: MessageID, device: DeviceID, at: Timestamp,
        partCount: UInt64, sums: Digest
    ) {
        self.organisation = organisation
        self.seen = seen
        self.message = message
        self.device = device
        self.at = at
        self.partCount = partCount
        self.sums = sums
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(from: &reader)
        message = try reader.identifier("message")
        device = try reader.identifier("device")
        at = try reader.time("at")
        let fields = try reader.fields("parts", count: 2)
        let error = reader.error("parts")
        partCount = try TextReader.integer(fields[0], or: error)
        guard partCount > 0 else { throw error }
        sums = try TextReader.hash(fields[1], or: error)
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(to: &writer)
        writer.line("message", message)
        writer.line("device", device)
        writer.line("at", at)
        writer.line("parts", partCount, sums)
    }
}
