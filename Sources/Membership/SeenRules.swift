public import Secrets
public import Statements

/// What a signer of the activity log had seen, against the trees of both logs at the statement's place.
public enum SeenRules {
    /// - Parameters:
    ///   - isSigned: Whether the log's signature on what was seen is true.
    ///   - root: The root of the log's first `size` entries; `nil` when the log is shorter at this place.
    /// - Throws: ``RuleViolation/Code/seenUnsigned`` or ``RuleViolation/Code/seenContradicts``.
    public static func check(
        _ seen: SeenBoth, isSigned: (LogKind, Seen) -> Bool, root: (LogKind, UInt64) -> Digest?
    ) throws(RuleViolation) {
        for log in LogKind.allCases {
            guard isSigned(log, seen[log]) else {
                throw RuleViolation(.seenUnsigned, "seen \(log.rawValue) is not signed by this log")
            }
            guard root(log, seen[log].size) == seen[log].root else {
                throw RuleViolation(.seenContradicts, "seen \(log.rawValue) is signed and is not a prefix of this log")
            }
        }
    }
}
