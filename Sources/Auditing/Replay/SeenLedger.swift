import Statements
import Synchronization
import TransparencyLog

/// What signers had seen: each signature is verified once, for many statements name the same checkpoint.
///
/// Asked by many threads; two that ask for the same at the same time both verify it.
final class SeenLedger: Sendable {
    /// How many verdicts of a log are kept at the most.
    private static let limit = 8_192

    /// The signature is hashed in one piece, and finds the rest.
    private struct Key: Hashable {
        let seen: Seen

        func hash(into hasher: inout Hasher) {
            unsafe seen.signature.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
    }

    private let keys: [LogKind: LogKey]
    private let verdicts = Mutex([LogKind: [Key: Bool]]())

    init(keys: [LogKind: LogKey]) { self.keys = keys }

    /// Whether the log's signature on what was seen is true, and whether that was verified just now.
    func isSigned(_ log: LogKind, _ seen: Seen) -> (Bool, isNew: Bool) {
        let key = Key(seen: seen)
        if let verdict = verdicts.withLock({ $0[log]?[key] }) { return (verdict, false) }
        let verdict = keys[log]?.verifies(seen) ?? false
        verdicts.withLock { verdicts in
            if verdicts[log]?.count == Self.limit { verdicts[log] = [:] }
            verdicts[log, default: [:]][key] = verdict
        }
        return (verdict, true)
    }
}
