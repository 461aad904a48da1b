import Secrets
import Statements
public import TransparencyLog

/// What a witness does with a request (c2sp.org/tlog-witness v1.0.0, with the stricter rules of its later drafts): a value
/// that decides, and does nothing.
///
/// - A tree is proposed for a cosignature only when it continues the largest one that was cosigned before.
/// - What ``decide(_:at:)`` proposes must be durable before its answer leaves, and is taken up by ``commit(_:)``.
/// - Between the two nothing else may be decided: whoever holds the witness holds it alone.
public struct Witness: ~Copyable, Sendable {
    /// Why nothing is cosigned.
    public enum Refusal: Equatable, Sendable {
        /// 400: not what a request looks like, or an old size that is larger than the new one.
        case malformed
        /// 404: a log that this witness does not know.
        case unknownLog
        /// 403: no good signature of the log, or a bad one under its name.
        case notSigned
        /// 409: another size was cosigned last: this one.
        case conflict(size: UInt64)
        /// 422: what was sent does not show that the tree continues the one that was cosigned last.
        case unproven
        /// 422: another tree of this size was cosigned. The log lies.
        case contradiction
        /// 503: this machine's clock is behind the last cosignature, which no later one may precede.
        case clockBehind
    }

    /// What is to be made durable, and then answered.
    public struct Proposal: Sendable {
        public let cosignature: Cosignature
        public let checkpoint: Checkpoint
        /// What the witness remembers from then on.
        public let state: WitnessState
        /// Whether the log's first checkpoint: nothing shows that it is the true one.
        public let isFirst: Bool
    }

    public enum Decision: Sendable {
        case cosign(Proposal)
        /// With two notes of the log that cannot both be true, when it signed such, and the checkpoint that came, when it names a
        /// log that is known.
        case refuse(Refusal, evidence: [[UInt8]] = [], asked: Checkpoint? = nil)
    }

    private let signer: CosignatureSigner
    public private(set) var state: WitnessState

    /// - Throws: ``AuditError/Code/witnessKeyUnfit`` when the state is another witness's.
    public init(signer: consuming CosignatureSigner, state: WitnessState) throws(AuditError) {
        guard signer.witnessKey == state.witness else {
            throw AuditError(.witnessKeyUnfit, "the key file is not that of the state")
        }
        self.signer = signer
        self.state = state
    }

    /// Looks at the body of a request.
    /// - Parameter seconds: Of this machine's clock, since 1970.
    public borrowing func decide(_ body: [UInt8], at seconds: UInt64) -> Decision {
        guard let request = try? AddCheckpoint(parsing: body), let note = try? SignedNote(parsing: request.checkpoint),
            let checkpoint = try? Checkpoint(parsing: note.text), checkpoint.text == note.text
        else { return .refuse(.malformed) }
        guard let log = state[checkpoint.origin] else { return .refuse(.unknownLog) }
        guard let signatures = log.signatures(of: note) else { return .refuse(.notSigned, asked: checkpoint) }
        // Whatever old size it came with: both notes are signed.
        var evidence: [[UInt8]] = []
        if let latest = log.latest, latest.checkpoint.size == checkpoint.size, latest.checkpoint.root != checkpoint.root
        {
            evidence = [latest.note.bytes, SignedNote(text: note.text, signatures: signatures).bytes]
        }
        guard request.old <= checkpoint.size else {
            return .refuse(.malformed, evidence: evidence, asked: checkpoint)
        }
        let size = log.latest?.checkpoint.size ?? 0
        guard request.old == size else {
            return .refuse(.conflict(size: size), evidence: evidence, asked: checkpoint)
        }
        guard evidence.isEmpty else {
            return .refuse(.contradiction, evidence: evidence, asked: checkpoint)
        }
        guard continues(request, checkpoint, log.latest?.checkpoint) else {
            return .refuse(.unproven, asked: checkpoint)
        }
        guard seconds >= log.latest?.seconds ?? 1 else { return .refuse(.clockBehind, asked: checkpoint) }
        let cosignature = signer.sign(note.text, at: seconds)
        var next = state
        let kept = SignedNote(text: note.text, signatures: signatures + [cosignature.signature])
        next.remember(.init(checkpoint: checkpoint, note: kept, seconds: seconds), of: checkpoint.origin)
        return .cosign(
            Proposal(cosignature: cosignature, checkpoint: checkpoint, state: next, isFirst: log.latest == nil))
    }

    /// Takes up a proposal that is durable.
    public mutating func commit(_ proposal: Proposal) { state = proposal.state }

    private borrowing func continues(
        _ request: AddCheckpoint, _ checkpoint: Checkpoint, _ latest: Checkpoint?
    ) -> Bool {
        guard checkpoint.size > 0 || checkpoint.root == MerkleTree.emptyRoot else { return false }
        // From nothing there is nothing to prove.
        guard request.old > 0, let latest else { return request.proof.isEmpty }
        return Proofs.isConsistent(
            first: latest.size, firstRoot: latest.root, second: checkpoint.size, secondRoot: checkpoint.root,
            proof: request.proof)
    }
}
