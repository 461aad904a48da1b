import Membership
import Statements
import Testing

@Suite struct ClockRulesTests {
    /// Age of the statement at its entry, signatures, whether it is accepted.
    @Test(
        arguments: [
            (0, 1, true), (300_000, 1, true), (300_001, 1, false), (-300_000, 1, true), (-300_001, 1, false),
            (300_001, 2, true), (604_800_000, 2, true), (604_800_001, 2, false), (-300_000, 3, true),
            (-300_001, 3, false),
        ] as [(Int64, Int, Bool)])
    func fiveMinutesOrSevenDays(_ age: Int64, _ signatures: Int, _ accepted: Bool) {
        let time = Practice.start
        var code: RuleViolation.Code?
        do {
            try ClockRules.check(at: time.adding(milliseconds: -age), entryTime: time, signatures: signatures)
        } catch {
            code = error.code
        }
        #expect(code == (accepted ? nil : .clock))
    }
}
