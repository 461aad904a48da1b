import Statements
import Synchronization
import TransparencyLog

/// What signers had seen of one log: each signature is verified once, for many statements name the same checkpoint.
///
/// Asked by many threads; two that ask for the same at the same time both verify it.
final class SeenLedger: Sendable {
    /// How many verdicts are kept: of an honest log there is one checkpoint of a size, and statements that stand near each
    /// other have seen one of the newest sizes. A power of two.
    private static let capacity = 4_096

    private struct Verdict {
        let seen: Seen
        let isSigned: Bool
    }

    private let key: LogKey
    /// By the last bits of the size.
    private let verdicts: Mutex<[Verdict?]>

    init(_ key: LogKey) {
        self.key = key
        verdicts = Mutex(Array(repeating: nil, count: Self.capacity))
    }

    /// Whether the log's signature on what was seen is true, and whether that was verified just now.
    func isSigned(_ seen: Seen) -> (Bool, isNew: Bool) {
        let slot = Int(truncatingIfNeeded: seen.size) & (Self.capacity - 1)
        // Compared where it lies: a copy of it costs more.
        let known: Bool? = verdicts.withLock { $0[slot]?.seen == seen ? $0[slot]?.isSigned : nil }
        if let known { return (known, false) }
        let verdict = Verdict(seen: seen, isSigned: key.verifies(seen))
        verdicts.withLock { $0[slot] = verdict }
        return (verdict.isSigned, true)
    }
}
