import Membership
import Secrets
import Statements
import TransparencyLog

/// Holds what witnesses cosigned against the replayed logs.
///
/// A cosigned checkpoint is the word of two: of the relay, that this was its log, and of the witness, that it was the largest
/// that it had seen. When it is no part of the log at hand, the relay signed two histories; the witness may have been shown
/// the other one alone. It has lied only when no log can have both of two trees that it vouched for: they are of one size, or
/// the larger one is a part of the log at hand and the smaller one is not. A smaller tree of this log is the beginning of the
/// other one as well, for all that anybody knows.
struct CosignatureWatch {
    private let policy: WitnessPolicy
    private let since: Timestamp
    /// In the order in which they were made; each is told once.
    private(set) var findings: [AuditFinding] = []
    private var told: Set<AuditFinding> = []
    private var words: [WitnessStanding.Word] = []

    /// - Parameter view: The whole roster log: the witnesses that it names now are those whose word is looked at.
    init(_ view: RosterView) {
        policy = view.witnesses
        since = view.witnessesSince
    }

    /// What counts: words about trees that are a part of the logs, by witnesses that vouched for no other.
    var standing: WitnessStanding { WitnessStanding(policy: policy, since: since, words: words) }

    /// Looks at all that is shown as cosigned of one log.
    /// - Parameters:
    ///   - notes: As they came; those that name no witness of the roster say nothing.
    ///   - size: Of the log at hand.
    ///   - isPresent: Whether the log at hand is what the relay shows after it gave the notes: none is of a longer one then.
    ///   - root: The root of the first so many entries.
    mutating func check(
        _ notes: [[UInt8]], of log: LogKind, key: LogKey, size: UInt64, isPresent: Bool, root: (UInt64) -> Digest?
    ) {
        guard !policy.keys.isEmpty else { return }
        var parts: [SignedCheckpoint] = []
        var others: [WitnessStanding.Word] = []
        var vouched: [WitnessKey: VouchedTrees] = [:]
        for note in notes {
            guard let (signed, cosignatures) = verify(note, log, key), !cosignatures.isEmpty else { continue }
            let said = cosignatures.map {
                WitnessStanding.Word(witness: $0.key, log: log, checkpoint: signed.checkpoint, at: $0.time)
            }
            if signed.size > size {
                beyond(signed, cosignatures, log, isPresent)
            } else if root(signed.size) == signed.root {
                parts.append(signed)
                for word in said { vouched[word.witness, default: VouchedTrees()].add(word) }
            } else {
                others += said
            }
        }
        let liars = Set(others.map(\.witness))
        words += WitnessStanding.newest(in: parts, of: log, policy).map(\.word)
            .filter { !liars.contains($0.witness) }
        for other in others {
            let (witness, size) = (other.witness, other.checkpoint.size)
            find(
                .cosignedOtherHistory, log, at: size,
                "the relay signed, and the witness \(witness.name) cosigned at \(other.at), another tree of"
                    + " \(size.counted("entry", "entries")) of the \(log.rawValue) log than these entries give: two"
                    + " histories")
            guard let impossible = vouched[witness, default: VouchedTrees()].add(other: other) else { continue }
            find(
                .witnessContradicts, log, at: size,
                "the witness \(witness.name) vouched for two histories of the \(log.rawValue) log, with"
                    + " \(impossible.checkpoint.size.counted("entry", "entries")) at \(impossible.at) and with \(size) at"
                    + " \(other.at), and no log has both trees: its word counts for nothing, and another must take its"
                    + " place")
        }
    }

    /// The checkpoint with its true cosignatures; `nil` when it is not the log's, or no named witness's.
    private mutating func verify(
        _ bytes: [UInt8], _ log: LogKind, _ key: LogKey
    ) -> (SignedCheckpoint, [Cosignature])? {
        guard let note = try? SignedNote(parsing: bytes) else {
            find(
                .cosignatureInvalid, log, at: nil,
                "what is shown as a cosigned checkpoint of the \(log.rawValue) log cannot be read")
            return nil
        }
        let named = policy.keys.filter { witness in note.signatures.contains(where: witness.isKey(of:)) }
        guard !named.isEmpty else { return nil }
        guard let signed = try? key.verify(checkpoint: bytes) else {
            find(
                .cosignatureInvalid, log, at: nil,
                "what is shown as cosigned by \(named.map(\.name).joined(separator: " and ")) is no checkpoint that the"
                    + " \(log.rawValue) log's key signed")
            return nil
        }
        return (
            signed,
            named.compactMap { witness -> Cosignature? in
                if let cosignature = witness.cosignature(of: note) { return cosignature }
                find(
                    .cosignatureInvalid, log, at: signed.size,
                    "the cosignature of \(signed.size.counted("entry", "entries")) of the \(log.rawValue) log that bears the name of the witness"
                        + " \(witness.name) is not by its key: whoever shows it made or changed it")
                return nil
            }
        )
    }

    private mutating func beyond(
        _ signed: SignedCheckpoint, _ cosignatures: [Cosignature], _ log: LogKind, _ isPresent: Bool
    ) {
        for cosignature in cosignatures {
            let start =
                "the witness \(cosignature.key.name) cosigned \(signed.size.counted("entry", "entries")) of the"
                + " \(log.rawValue) log"
            if isPresent {
                find(
                    .cosignedBeyond, log, at: nil,
                    "\(start) at \(cosignature.time), and the relay, which signed them, shows fewer: what was logged was"
                        + " taken away")
            } else {
                find(
                    .cosignedBeyond, log, at: nil, severity: .note,
                    "\(start), and the one at hand is shorter: its word was not compared")
            }
        }
    }

    /// - Parameter size: Of the tree that is meant; its last entry is named.
    private mutating func find(
        _ code: AuditFinding.Code, _ log: LogKind, at size: UInt64?, severity: AuditFinding.Severity = .brokenPromise,
        _ sentence: String
    ) {
        let entries: [UInt64] = size.map { $0 == 0 ? [] : [$0 - 1] } ?? []
        let finding = AuditFinding(code, severity: severity, log: log, entries: entries, sentence)
        if told.insert(finding).inserted { findings.append(finding) }
    }
}
