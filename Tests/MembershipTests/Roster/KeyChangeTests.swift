import Membership
import SignerSupport
import Statements
import Testing

/// The recovery and the audit key: who may replace them, when a new one takes effect, who can void it.
@Suite struct KeyChangeTests {
    private static let threeDays: Int64 = 72 * 3_600

    @Test func theFirstAuditKeyIsInForceAtOnce() {
        let practice = Practice()
        practice.log(practice.admins(audit: .named("first")), by: [.device("ana")])
        #expect(practice.view.auditKey == .named("first"))
        #expect(practice.view.pendingAuditKey == nil)
    }

    @Test func aReplacedAuditKeyWaits72HoursOfLogTime() {
        let practice = Practice()
        practice.log(practice.admins(audit: .named("first")), by: [.device("ana")])
        let statement = practice.log(practice.admins(audit: .named("second")), by: [.device("ana")])
        #expect(practice.view.auditKey == .named("first"))
        #expect(practice.view.pendingAuditKey?.statement == statement)
        #expect(practice.view.pendingAuditKey?.key == EncapsulationKey.named("second").id)
        practice.now = practice.now.adding(milliseconds: Self.threeDays * 1000 - 1)
        #expect(practice.view.auditKey == .named("first"))
        practice.now = practice.now.adding(milliseconds: 1)
        #expect(practice.view.auditKey == .named("second"))
        #expect(practice.view.pendingAuditKey == nil)
    }

    @Test func anAdminVoidsAReplacedAuditKey() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(audit: .named("first")), by: practice.quorum)
        let statement = practice.log(practice.admins(audit: .named("second")), by: practice.quorum)
        practice.log(practice.revoke(.statement(statement)), by: [.device("max")])
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.auditKey == .named("first"))
    }

    @Test func theOldRecoveryKeyNamesANewOneAtOnce() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(recovery: .named("new")), by: [.recovery("paper")])
        #expect(practice.view.recoveryKey == .named("new"))
        let entry = practice.entry(practice.admins(), by: [.recovery("paper")])
        #expect(practice.verdict(on: entry) == .badSignature)
    }

    @Test func theQuorumNamesANewRecoveryKeyIn72Hours() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(recovery: .named("new")), by: practice.quorum)
        #expect(practice.view.recoveryKey == .named("paper"))
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.recoveryKey == .named("new"))
        #expect(practice.verdict(on: practice.entry(practice.admins(), by: [.recovery("new")])) == nil)
    }

    @Test func theFirstRecoveryKeyWaitsToo() {
        let practice = Practice(.init(recovery: nil))
        practice.log(practice.admins(recovery: .named("paper")), by: [.device("ana")])
        #expect(practice.view.recoveryKey == nil)
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.recoveryKey == .named("paper"))
    }

    @Test func aKeyThatIsNamedAtTheEndOfTimeIsNeverInForce() {
        let practice = Practice(.twoAdmins)
        practice.now = Timestamp(milliseconds: .max)
        let statement = practice.log(practice.admins(recovery: .named("new")), by: practice.quorum)
        #expect(practice.view.recoveryKey == .named("paper"))
        #expect(practice.view.pendingRecoveryKey?.statement == statement)
        #expect(practice.verdict(on: practice.entry(practice.admins(), by: [.recovery("new")])) == .badSignature)
        #expect(
            practice.verdict(on: practice.entry(practice.revoke(.statement(statement)), by: [.device("ana")])) == nil)
    }

    @Test func theRecoveryKeyCanBeRemovedIn72Hours() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(recovery: .some(nil)), by: practice.quorum)
        #expect(practice.view.recoveryKey == .named("paper"))
        #expect(practice.view.pendingRecoveryKey != nil)
        #expect(practice.view.pendingRecoveryKey?.key == nil)
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.recoveryKey == nil)
    }

    @Test func theOldRecoveryKeyVoidsTheQuorumsChange() {
        let practice = Practice(.twoAdmins)
        let statement = practice.log(practice.admins(recovery: .named("thief's")), by: practice.quorum)
        practice.wait(seconds: Self.threeDays - 60)
        practice.log(practice.revoke(.statement(statement)), by: [.recovery("paper")])
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.recoveryKey == .named("paper"))
        #expect(practice.view.pendingRecoveryKey == nil)
    }

    @Test func repeatingAWaitingKeyDoesNotStartItsTimeAnew() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(recovery: .named("new")), by: practice.quorum)
        practice.wait(seconds: Self.threeDays - 60)
        practice.log(practice.admins(recovery: .named("new")), by: practice.quorum)
        practice.wait(seconds: 60)
        #expect(practice.view.recoveryKey == .named("new"))
    }

    @Test func namingTheOldKeyAgainEndsAWaitingChange() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(recovery: .named("new")), by: practice.quorum)
        practice.log(practice.admins(recovery: .named("paper")), by: practice.quorum)
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.recoveryKey == .named("paper"))
    }

    @Test func anotherKeyStartsTheTimeAnew() {
        let practice = Practice(.twoAdmins)
        practice.log(practice.admins(recovery: .named("new")), by: practice.quorum)
        practice.wait(seconds: Self.threeDays - 60)
        practice.log(practice.admins(recovery: .named("newer")), by: practice.quorum)
        practice.wait(seconds: 60)
        #expect(practice.view.recoveryKey == .named("paper"))
        practice.wait(seconds: Self.threeDays)
        #expect(practice.view.recoveryKey == .named("newer"))
    }

    @Test(arguments: [
        RuleCase("nothing waits", .unknown) { practice in
            practice.entry(practice.revoke(.statement(.of("nothing"))), by: [.device("ana")])
        },
        RuleCase("it is in effect already", .unknown) { practice in
            let statement = practice.log(practice.admins(recovery: .named("new")), by: [.device("ana")])
            practice.wait(seconds: threeDays)
            return practice.entry(practice.revoke(.statement(statement)), by: [.device("ana")])
        },
        RuleCase("it was in effect at once", .unknown) { practice in
            let statement = practice.log(practice.admins(audit: .named("first")), by: [.device("ana")])
            return practice.entry(practice.revoke(.statement(statement)), by: [.device("ana")])
        },
        RuleCase("by a member", .notPermitted) { practice in
            practice.join("bo")
            let statement = practice.log(practice.admins(recovery: .named("new")), by: [.device("ana")])
            return practice.entry(practice.revoke(.statement(statement)), by: [.device("bo")])
        },
        RuleCase("by the key that waits", .badSignature) { practice in
            let statement = practice.log(practice.admins(recovery: .named("new")), by: [.device("ana")])
            return practice.entry(practice.revoke(.statement(statement)), by: [.recovery("new")])
        },
    ])
    func aChangeIsVoidedOnlyWhileItWaits(_ row: RuleCase) { row.check() }
}
