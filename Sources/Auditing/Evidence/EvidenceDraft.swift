import Membership
import Secrets
public import Statements
public import TransparencyLog

/// What a file of evidence about one message holds, collected and proven: nothing of a source is believed.
public struct EvidenceDraft: Sendable {
    /// 20,000: entries about one message and those that it belongs to. A message's pages make them many; no message has more.
    public static let maximumEntryCount = 20_000

    public let message: MessageID
    private let organisation: OrganisationID
    private let seen: SeenBoth
    private let listed: [(name: String, bytes: [UInt8])]

    /// Collects it.
    /// - Parameters:
    ///   - message: With its facts.
    ///   - verdict: Of an audit of the same source at the same checkpoints.
    ///   - logs: Each log's key and the checkpoint that `source` is read at. What witnesses cosigned of exactly this one, as
    ///     the source shows it, is put under it.
    ///   - head: A head of these two checkpoints: without one nothing says that the roster is not an older one.
    ///   - capsule: The message's, when it is to be given away as well.
    /// - Throws: ``AuditError/Code/notTheLog`` when an entry's place cannot be proven, ``AuditError/Code/tooMuch``, and what
    ///   the source throws.
    public init(
        of message: AuditedMessage, in verdict: AuditVerdict,
        roster: (key: LogKey, checkpoint: SignedCheckpoint), activity: (key: LogKey, checkpoint: SignedCheckpoint),
        head: [UInt8], capsule: EvidenceCapsule? = nil, from source: some LogSource
    ) async throws {
        guard let organisation = verdict.organisation else {
            throw AuditError(.notTheLog, "the roster log's genesis")
        }
        let witnesses = verdict.view?.witnesses ?? WitnessPolicy.none
        func cosigned(_ log: (key: LogKey, checkpoint: SignedCheckpoint), _ kind: LogKind) async throws
            -> SignedCheckpoint
        {
            CosignedCheckpoints(
                log.checkpoint, try await source.cosigned(of: kind), key: log.key, witnesses: witnesses
            ).checkpoint
        }
        let roster = (key: roster.key, checkpoint: try await cosigned(roster, .roster))
        let activity = (key: activity.key, checkpoint: try await cosigned(activity, .activity))
        self.message = message.message
        self.organisation = organisation
        seen = SeenBoth(roster: roster.checkpoint.seen, activity: activity.checkpoint.seen)
        var prover = EvidenceProver(activity.checkpoint, source)
        let entries = try await Self.entries(of: message, in: verdict, from: &prover)
        var parts: [EvidencePart: [UInt8]] = [
            .readme: EvidenceReadme.bytes, .vkey(.roster): ExportDirectory.keyFile(roster.key),
            .checkpoint(.roster): roster.checkpoint.note.bytes, .vkey(.activity): ExportDirectory.keyFile(activity.key),
            .checkpoint(.activity): activity.checkpoint.note.bytes,
        ]
        parts[.head] = head
        try await source.forEachTile(of: .roster, under: roster.checkpoint) { parts[.tile($0)] = $1 }
        var sizes: Set<UInt64> = []
        for (index, bytes) in entries {
            parts[.entry(index)] = bytes
            parts[.proof(index)] = try await prover.inclusion(of: bytes, at: index)
            if let size = Self.seenSize(bytes), size > 0, size < activity.checkpoint.size { sizes.insert(size) }
        }
        for size in sizes { parts[.consistency(size)] = try await prover.consistency(from: size) }
        if let capsule { parts.merge(capsule.parts, uniquingKeysWith: { first, _ in first }) }
        let order = EvidencePart.listed(
            roster: roster.checkpoint.size, hasCapsule: capsule != nil, sizes: sizes.sorted(),
            entries: entries.map(\.index))
        guard order.count <= Ustar.maximumFileCount - 2 else { throw AuditError(.tooMuch, "the roster log") }
        listed = order.map { ($0.name, parts[$0]!) }
    }

    /// What the auditor's device signs.
    public func statement(by device: DeviceID, at time: Timestamp) -> EvidenceStatement {
        EvidenceStatement(
            organisation: organisation, seen: seen, message: message, device: device, at: time,
            partCount: UInt64(listed.count), sums: Digest.sha256(EvidenceSums.write(listed)))
    }

    /// The whole file.
    /// - Parameter note: ``statement(by:at:)``, signed.
    public func file(signed note: SignedNote) -> [UInt8] {
        let first = [
            (EvidencePart.note.name, note.bytes), (EvidencePart.sums.name, EvidenceSums.write(listed)),
        ]
        return Ustar.write((first + listed).map { Ustar.File(name: EvidencePart.folder + $0.0, bytes: $0.1) })
    }

    // MARK: What belongs to it

    private static func entries(
        of message: AuditedMessage, in verdict: AuditVerdict, from prover: inout EvidenceProver<some LogSource>
    ) async throws -> [(index: UInt64, bytes: [UInt8])] {
        let looks = try verdict.accesses { $0.access.subject == .message(message.message) }
        let certain = try indexes(of: message, in: verdict).union(looks.map(\.index))
        let findings = verdict.findings.filter { $0.log == .activity && $0.message == message.message }
        // One that an earlier audit made may name what was taken away since.
        let named = Set(findings.flatMap(\.entries)).subtracting(certain).filter { $0 < prover.size }
        guard certain.count + named.count <= maximumEntryCount else { throw AuditError(.tooMuch, "\(message.message)") }
        var entries: [(index: UInt64, bytes: [UInt8])] = []
        for index in certain.union(named).sorted() {
            let bytes = try await prover.entry(index)
            // What a finding names may be about others as well.
            guard certain.contains(index) || subject(bytes) == message.message else { continue }
            entries.append((index, bytes))
        }
        return entries
    }

    /// The manifest, its facts, what it answers or carries on (and what that carries on), and what answers it or carries
    /// it on.
    private static func indexes(of message: AuditedMessage, in verdict: AuditVerdict) throws -> Set<UInt64> {
        var indexes = Set(message.facts.map(\.index))
        indexes.insert(message.index)
        var next = message.reference?.message
        var referred: AuditedMessage?
        try verdict.forEachMessage(.none) { one in
            if one.reference == .inReplyTo(message.message) || one.reference == .forwardOf(message.message) {
                indexes.insert(one.index)
            }
            if one.message == next { referred = one }
        }
        // Once more for each time that it was handed on: eight times at the most.
        while let found = referred, indexes.insert(found.index).inserted {
            referred = nil
            guard case .forwardOf(let carried) = found.reference else { break }
            next = carried
            try verdict.forEachMessage(.none) { if $0.message == next { referred = $0 } }
        }
        return indexes
    }

    private static func subject(_ bytes: [UInt8]) -> MessageID? {
        (try? Entry(parsing: bytes)).flatMap { try? ActivityStatement(parsing: $0.body) }?.message
    }

    /// The size of the activity log that an entry's signer had seen.
    private static func seenSize(_ bytes: [UInt8]) -> UInt64? {
        guard let entry = try? Entry(parsing: bytes) else { return nil }
        return switch try? ActivityStatement(parsing: entry.body) {
        case .manifest(let manifest, _): manifest.seen.activity.size
        case .receipt(let receipt, _): receipt.seen.activity.size
        case .access(let access, _): access.seen.activity.size
        case .event, nil: nil
        }
    }
}
