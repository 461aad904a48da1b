import Membership
import RelayAPI
import Testing

@testable import RelayService

@Suite struct ProblemTests {
    /// People read it: a sentence without a program's word, and the code of a missing right.
    @Test func tooFewAdminsIsARefusalInASentence() {
        let problem = Problems.problem(of: RuleViolation(.tooFewAdmins, "revoking this device needs the recovery key"))
        #expect(problem.code == .notPermitted && problem.status == 403)
        #expect(problem.detail == "revoking this device needs the recovery key, for too few admins would be left.")
        #expect(!problem.next.isEmpty)
    }
}
