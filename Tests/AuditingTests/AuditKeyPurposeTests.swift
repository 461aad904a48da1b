import AuditSupport
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

@testable import DeviceKit

/// The client posts no key as audit key that is, or was, the recovery key.
@Suite struct AuditKeyPurposeTests {
    @Test func aRecoveryKeyIsNotAccepted() {
        let world = World()
        let recovery = EncapsulationPrivateKey.named("paper").publicKey
        #expect(refusal(of: recovery, in: world.view) == nil)
        let key = RecoveryPublicKey(signing: Signer.recovery("paper").key.verifyingKey, encapsulation: recovery)
        world.commit(world.admins(recovery: key), by: World.quorum)
        let error = refusal(of: recovery, in: world.view)
        #expect(error?.code == "audit_key_is_recovery_key" && error?.category == .refused)
        #expect(refusal(of: world.auditKey.publicKey, in: world.view) == nil)
    }

    private func refusal(of key: EncapsulationKey, in view: RosterView) -> DeviceKitError? {
        do throws(DeviceKitError) {
            try AuditKeyPurpose.check(key, in: view)
            return nil
        } catch { return error }
    }
}
