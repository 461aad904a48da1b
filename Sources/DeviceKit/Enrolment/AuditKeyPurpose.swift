import Membership
import Statements

/// Every message is sealed to the recovery key, and an auditor holds the audit key: no key is both.
enum AuditKeyPurpose {
    /// Whether an offered key may become the audit key. The relay would refuse it, too.
    /// - Throws: ``DeviceKitError`` of category `refused`.
    static func check(_ key: EncapsulationKey, in view: RosterView) throws(DeviceKitError) {
        guard view.hasHalfOfRecoveryKey(key) else { return }
        throw DeviceKitError(
            "audit_key_is_recovery_key", .refused,
            "the offered audit key is, or was, a recovery key: every message is sealed to such a key",
            next: "ask how the auditor's device came to have it, and accept the offer of another auditor's device")
    }
}
