import Statements
import TransparencyLog

/// What signers had seen: each signature is verified once, for many statements name the same checkpoint.
struct SeenLedger {
    /// How many verdicts are kept at the most.
    private static let limit = 8_192

    private let keys: [LogKind: LogKey]
    private var verdicts: [LogKind: [Seen: Bool]] = [.roster: [:], .activity: [:]]

    init(keys: [LogKind: LogKey]) { self.keys = keys }

    /// Whether the log's signature on what was seen is true.
    mutating func isSigned(_ log: LogKind, _ seen: Seen) -> Bool {
        if let verdict = verdicts[log]?[seen] { return verdict }
        let verdict = keys[log]?.verifies(seen) ?? false
        if verdicts[log]?.count == Self.limit { verdicts[log] = [:] }
        verdicts[log]?[seen] = verdict
        return verdict
    }
}
