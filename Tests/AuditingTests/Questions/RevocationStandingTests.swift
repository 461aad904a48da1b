import Auditing
import Membership
import SignerSupport
import Statements
import Testing

/// Who can revoke a device, by the rules of the roster.
@Suite struct RevocationStandingTests {
    @Test func anotherAdminRevokesADeviceThatIsNoAdmins() {
        let world = World.practice()
        for name in ["bo", "tablet", "udo"] {
            #expect(RevocationStanding(.named(name), in: world.view) == .admins([.named("ana"), .named("max")]))
        }
    }

    /// A quorum of two with two admins: without one of them there is none.
    @Test func withoutTheQuorumOnlyTheRecoveryKeyRevokes() {
        let world = World.practice()
        for name in ["ana", "max"] {
            #expect(RevocationStanding(.named(name), in: world.view) == .recoveryKeyAlone)
        }
    }
}
