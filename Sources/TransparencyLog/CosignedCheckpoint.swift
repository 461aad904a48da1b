public import Statements

/// A checkpoint with one witness's word on it.
public struct CosignedCheckpoint: Sendable {
    public let checkpoint: SignedCheckpoint
    public let cosignature: Cosignature

    /// - Parameter cosignature: Of exactly this checkpoint.
    public init(_ checkpoint: SignedCheckpoint, _ cosignature: Cosignature) {
        self.checkpoint = checkpoint
        self.cosignature = cosignature
    }

    /// What a witness says on the checkpoint's own note; `nil` as for ``WitnessKey/cosignature(of:)``.
    public init?(_ checkpoint: SignedCheckpoint, by witness: WitnessKey) {
        guard let cosignature = witness.cosignature(of: checkpoint.note) else { return nil }
        self.init(checkpoint, cosignature)
    }

    /// The checkpoint as a note with the log's signature and that cosignature.
    public var note: SignedNote {
        SignedNote(text: checkpoint.note.text, signatures: [checkpoint.signature, cosignature.signature])
    }

    /// By the witness's time; a log grows several times in the second that it tells, and the larger tree says more.
    public func isOlder(than other: CosignedCheckpoint) -> Bool {
        (cosignature.seconds, checkpoint.size) < (other.cosignature.seconds, other.checkpoint.size)
    }
}
