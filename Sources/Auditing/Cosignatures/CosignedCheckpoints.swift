import Secrets
import Statements
import TransparencyLog

/// A log's checkpoint with what witnesses cosigned of it, as it is handed on: in exports and in files of evidence.
struct CosignedCheckpoints {
    /// With the log's signature and each named witness's newest cosignature of exactly this tree, and no other line.
    let checkpoint: SignedCheckpoint
    /// Checkpoints of other trees that are not larger, likewise, by size. Nothing is said of whether they are parts of it:
    /// one that is not convicts, and goes along.
    let others: [SignedCheckpoint]

    /// - Parameters:
    ///   - notes: What a source shows as cosigned; what does not verify is left behind.
    ///   - witnesses: Those that the roster names.
    init(_ checkpoint: SignedCheckpoint, _ notes: [[UInt8]], key: LogKey, witnesses: WitnessPolicy) {
        var trees: [Checkpoint: [SignedCheckpoint]] = [checkpoint.checkpoint: [checkpoint]]
        for note in notes {
            guard let signed = try? key.verify(checkpoint: note), signed.size <= checkpoint.size else { continue }
            trees[signed.checkpoint, default: []].append(signed)
        }
        func cosigned(_ same: [SignedCheckpoint]) -> SignedCheckpoint {
            same[0].carrying(
                witnesses.keys.compactMap { witness in
                    same.compactMap { witness.cosignature(of: $0.note) }.max { $0.seconds < $1.seconds }
                })
        }
        self.checkpoint = cosigned(trees.removeValue(forKey: checkpoint.checkpoint)!)
        others = trees.values.map(cosigned).filter { $0.note.signatures.count > 1 }
            .sorted { ($0.size, $0.root.hex) < ($1.size, $1.root.hex) }
    }

    /// Whether a note is of the one form that is handed on: the log's signature, then named witnesses' in the order of the
    /// policy, each once; all verify.
    static func isExact(_ note: SignedNote, key: LogKey, witnesses: WitnessPolicy) -> Bool {
        guard let signed = try? key.verify(checkpoint: note.bytes) else { return false }
        return signed.carrying(witnesses.keys.compactMap { $0.cosignature(of: note) }).note == note
    }
}
