import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct SeenRulesTests {
    private static func seen(_ size: UInt64, _ root: String) -> Seen {
        Seen(
            size: size, root: .of(root),
            signature: SeenSignature(bytes: Array(repeating: 0, count: SeenSignature.byteCount)))
    }

    /// The roster log has 2 entries, the activity log 9; `unsigned` names what the relay never signed.
    private static func verdict(
        roster: Seen = seen(2, "roster 2"), activity: Seen = seen(9, "activity 9"), unsigned: LogKind? = nil
    ) -> RuleViolation? {
        do {
            try SeenRules.check(
                SeenBoth(roster: roster, activity: activity), isSigned: { log, _ in log != unsigned },
                root: { log, size in
                    size <= (log == .roster ? 2 : 9) ? .of("\(log.rawValue) \(size)") : nil
                })
            return nil
        } catch {
            return error
        }
    }

    @Test func signedPrefixesOfBothLogsAreAccepted() {
        #expect(Self.verdict() == nil)
        #expect(Self.verdict(roster: Self.seen(1, "roster 1"), activity: Self.seen(3, "activity 3")) == nil)
    }

    @Test(arguments: LogKind.allCases)
    func whatTheLogNeverSignedIsRefused(_ log: LogKind) {
        #expect(Self.verdict(unsigned: log)?.code == .seenUnsigned)
        #expect(Self.verdict(unsigned: log)?.part.contains(log.rawValue) == true)
    }

    @Test func aSignedTreeThatIsNoPrefixIsTwoHistories() {
        #expect(Self.verdict(roster: Self.seen(2, "fork"))?.code == .seenContradicts)
        #expect(Self.verdict(activity: Self.seen(3, "fork"))?.code == .seenContradicts)
    }

    @Test func aSignedTreeLongerThanTheLogIsTwoHistories() {
        #expect(Self.verdict(roster: Self.seen(3, "roster 3"))?.code == .seenContradicts)
        #expect(Self.verdict(activity: Self.seen(10, "activity 10"))?.code == .seenContradicts)
    }
}
