public import Statements
public import TransparencyLog

/// A log that a witness knows, and how far it has vouched for it.
public struct WitnessedLog: Sendable {
    /// The largest tree that was cosigned.
    public struct Latest: Sendable {
        public let checkpoint: Checkpoint
        /// The log's own signatures and the witness's; nothing else of what came.
        public let note: SignedNote
        /// When it was cosigned last.
        public let seconds: UInt64
    }

    /// 8: of one log, old ones included.
    static let maximumKeyCount = 8

    public let origin: String
    /// Any of them signs for the log; each bears the origin as its name.
    public internal(set) var keys: [NoteKey]
    /// `nil` until something was cosigned: then whatever comes first is believed.
    public internal(set) var latest: Latest?

    /// The log's signatures of a note.
    /// - Returns: `nil` when there is none, one does not verify, or a key signed twice.
    func signatures(of note: SignedNote) -> [NoteSignature]? {
        var signatures: [NoteSignature] = []
        for key in keys {
            let own = note.signatures.filter(key.isKey(of:))
            guard own.count <= 1, own.allSatisfy({ key.verifies($0, of: note.text) }) else { return nil }
            signatures += own
        }
        return signatures.isEmpty ? nil : signatures
    }

    /// Takes up a note that this witness cosigned.
    /// - Returns: `nil` unless log and witness did sign it, and nobody else.
    static func latest(_ note: SignedNote, of log: WitnessedLog, witness: WitnessKey) -> Latest? {
        guard let checkpoint = try? Checkpoint(parsing: note.text), checkpoint.text == note.text,
            checkpoint.origin.utf8.elementsEqual(log.origin.utf8), let own = log.signatures(of: note),
            let cosignature = witness.cosignature(of: note), note.signatures == own + [cosignature.signature]
        else { return nil }
        return Latest(checkpoint: checkpoint, note: note, seconds: cosignature.seconds)
    }
}
