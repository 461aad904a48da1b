public import Statements

/// How far a signer's time may lie from the log's.
public enum ClockRules {
    /// 5 minutes.
    public static let toleranceMilliseconds: Int64 = 300_000
    /// 7 days: how old a statement may be for which signatures had to be collected.
    public static let collectedMilliseconds: Int64 = 7 * 86_400_000
    /// 72 hours of log time until a replaced recovery or audit key takes effect.
    public static let keyChangeSeconds: Int64 = 72 * 3_600

    /// - Throws: ``RuleViolation/Code/clock``.
    public static func check(at: Timestamp, entryTime: Timestamp, signatures: Int) throws(RuleViolation) {
        let age = entryTime.milliseconds(since: at)
        let oldest = signatures > 1 ? collectedMilliseconds : toleranceMilliseconds
        guard age <= oldest, age >= -toleranceMilliseconds else {
            throw RuleViolation(.clock, "the signer's time and the relay's differ too much")
        }
    }
}
