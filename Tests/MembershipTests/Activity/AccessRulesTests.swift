import Membership
import Secrets
import SignerSupport
import Statements
import Testing

/// An auditor's look: whose it may be, at which place, on what.
@Suite struct AccessRulesTests {
    private static func practice() -> Practice {
        let practice = Practice(.twoAdmins)
        practice.join("udo", roles: [.auditor])
        practice.join("bo")
        practice.log(practice.admins(audit: .named("audit")), by: practice.quorum)
        practice.wait(seconds: 60)
        return practice
    }

    private static func query(_ key: QueryKeyName) -> Access.Subject { .query(key: key, hash: .of("question")) }
    private static let auditKey = QueryKeyName.auditKey(EncapsulationKey.named("audit").id)

    private static func access(
        _ practice: Practice, organisation: OrganisationID? = nil, by signer: Access.Signer = .device(.named("udo")),
        kind: AccessKind = .patient, subject: Access.Subject? = nil, at: Timestamp? = nil
    ) -> Access {
        Access(
            organisation: organisation ?? practice.organisation,
            seen: SeenBoth(roster: practice.seen, activity: practice.seen), signer: signer, kind: kind,
            subject: subject ?? query(auditKey), reason: .routineReview, at: at ?? practice.now)
    }

    private static func verdict(
        _ access: Access, by signers: [Signer] = [.device("udo")], in practice: Practice, isLogged: Bool = true
    ) -> RuleViolation.Code? {
        do {
            try AccessRules.check(
                access, note: SignedNote(access.text, by: signers), view: practice.view, time: practice.now
            ) { _ in isLogged }
            return nil
        } catch {
            return error.code
        }
    }

    @Test func isAnAuditorsOwn() {
        let practice = Self.practice()
        #expect(Self.verdict(Self.access(practice), in: practice) == nil)
        #expect(Self.verdict(Self.access(practice), by: [.device("bo")], in: practice) == .badSignature)
        #expect(
            Self.verdict(Self.access(practice), by: [.device("udo"), .device("bo")], in: practice) == .badSignature)
        let stranger = Self.access(practice, by: .device(.named("stranger")))
        #expect(Self.verdict(stranger, by: [.device("stranger")], in: practice) == .unknown)
    }

    @Test(arguments: ["bo", "ana"]) func nobodyElseLooks(_ name: String) {
        let practice = Self.practice()
        let access = Self.access(practice, by: .device(.named(name)))
        #expect(Self.verdict(access, by: [.device(name)], in: practice) == .notPermitted)
    }

    @Test func theRecoveryKeyLooksToo() {
        let practice = Self.practice()
        let access = Self.access(practice, by: .recovery)
        #expect(Self.verdict(access, by: [.recovery("paper")], in: practice) == nil)
        #expect(Self.verdict(access, by: [.recovery("another")], in: practice) == .badSignature)
        let without = Practice(.init(recovery: nil))
        let other = Self.access(without, by: .recovery, kind: .report, subject: Access.Subject.none)
        #expect(Self.verdict(other, by: [.recovery("paper")], in: without) == .unknown)
    }

    @Test func isRefusedFromARevokedOrSuspendedDevice() {
        let practice = Self.practice()
        practice.log(practice.revoke(.device(.named("udo"))), by: [.device("ana")])
        #expect(Self.verdict(Self.access(practice), in: practice) == .signerRevoked)
        let other = Self.practice()
        other.log(other.member("udo", roles: [.auditor], status: .suspended), by: other.quorum)
        #expect(Self.verdict(Self.access(other), in: other) == .signerRevoked)
    }

    @Test func whoIsNoAuditorAnyMoreLooksNoMore() {
        let practice = Self.practice()
        practice.log(practice.member("udo", roles: [.provider]), by: [.device("ana")])
        #expect(Self.verdict(Self.access(practice), in: practice) == .notPermitted)
    }

    @Test func isOfThisOrganisationAndOfNow() {
        let practice = Self.practice()
        let foreign = Self.access(practice, organisation: Practice.genesis(.oneAdmin).organisation)
        #expect(Self.verdict(foreign, in: practice) == .wrongOrganisation)
        for (seconds, code) in [(-300, nil), (300, nil), (-301, RuleViolation.Code.clock), (301, .clock)]
            as [(
                Int64, RuleViolation.Code?
            )]
        {
            let access = Self.access(practice, at: practice.now.adding(seconds: seconds))
            #expect(Self.verdict(access, in: practice) == code)
        }
    }

    @Test func isAboutALoggedMessage() {
        let practice = Self.practice()
        let access = Self.access(practice, kind: .message, subject: .message(.named("first")))
        #expect(Self.verdict(access, in: practice) == nil)
        #expect(Self.verdict(access, in: practice, isLogged: false) == .badReference)
    }

    /// Under a key that no other auditor can have, a question could be hidden from them.
    @Test func aQuestionIsHashedUnderAnAuditKeyOfTheRoster() {
        let practice = Self.practice()
        let other = Self.query(.auditKey(EncapsulationKey.named("own").id))
        #expect(Self.verdict(Self.access(practice, subject: other), in: practice) == .unknown)
        // The one before stays good, and one that waits is.
        practice.log(practice.admins(audit: .named("second")), by: practice.quorum)
        let second = Self.query(.auditKey(EncapsulationKey.named("second").id))
        #expect(Self.verdict(Self.access(practice, subject: second), in: practice) == nil)
        practice.wait(seconds: 73 * 3_600)
        #expect(Self.verdict(Self.access(practice), in: practice) == nil)
    }

    @Test func whatIsNoPatientMayBeHashedUnderTheDevicesOwnKey() {
        let practice = Self.practice()
        for kind in [AccessKind.device, .member, .breach] {
            let access = Self.access(practice, kind: kind, subject: Self.query(.device(.named("udo"))))
            #expect(Self.verdict(access, in: practice) == nil)
        }
    }
}
