import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// Looks of auditors, and of whoever would be one.
extension Lie {
    static let accesses: [Lie] = [
        Lie(.auditor, "look-by-no-auditor", "a provider's device says that it looked as an auditor") {
            $0.look(.notPermitted, by: "bo", .capsules, .none)
        },
        Lie(.auditor, "look-forged", "a look bears an auditor's name and another's signature") {
            $0.look(.badSignature, by: "udo", .capsules, .none, signer: .device("bo"))
        },
        Lie(.auditor, "look-by-the-revoked", "an auditor's revoked device looks") { telling in
            telling.enrol("spare", of: "udo")
            telling.world.revoke("spare")
            telling.pass(3)
            telling.look(.signerRevoked, by: "spare", .report, .none)
        },
        Lie(.auditor, "look-at-nothing", "a look is at a message that is not logged") {
            $0.look(.badReference, by: "udo", .message, .message(.named("nothing")))
        },
        Lie(.auditor, "look-under-another-key", "a question is hashed under a key that was never the audit key") {
            let key = EncapsulationPrivateKey.named("stolen").publicKey.id
            $0.look(.unknown, by: "udo", .patient, .query(key: .auditKey(key), hash: .of("p-1")))
        },
        Lie(.auditor, "look-under-the-recovery-key", "a question is hashed under a key that recovers messages") {
            $0.look(.unknown, by: "udo", .patient, .query(key: .auditKey(Story.recovery.id), hash: .of("p-1")))
        },
        Lie(.auditor, "clock-of-an-auditor", "a look's own time is an hour old") {
            $0.look(.clock, by: "udo", .report, .none, secondsAgo: 3_600)
        },
        Lie(.auditor, "look-twice", "a look is logged a second time") { telling in
            let world = telling.world
            let first = world.look(by: "udo", .report, .none)
            telling.expect(.init(.duplicate), at: world.activity.append(world.activity.entries[Int(first)]))
        },
    ]
}

extension Telling {
    /// The relay took a look that breaks a rule.
    fileprivate func look(
        _ code: RuleViolation.Code, by device: String, _ kind: AccessKind, _ subject: Access.Subject,
        signer: Signer? = nil, secondsAgo: Int64 = 0
    ) {
        let index = world.look(by: device, kind, subject, signer: signer, secondsAgo: secondsAgo)
        expect(.init(code), at: index, words: "\(DeviceID.named(device))")
        pass(3)
    }
}
