import Membership
import Statements
import Testing

/// One row of a table: what is tried on a practice, and the rule that it breaks.
struct RuleCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let founding: Practice.Founding
    /// `nil`: accepted.
    let code: RuleViolation.Code?
    let attempt: @Sendable (Practice) -> Entry

    init(
        _ description: String, _ code: RuleViolation.Code?, founding: Practice.Founding = .oneAdmin,
        _ attempt: @escaping @Sendable (Practice) -> Entry
    ) {
        testDescription = description
        self.founding = founding
        self.code = code
        self.attempt = attempt
    }

    func check() {
        let practice = Practice(founding)
        let entry = attempt(practice)
        #expect(practice.verdict(on: entry) == code)
    }
}
