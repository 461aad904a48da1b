import Membership
import Secrets
import SignerSupport
import Statements
import Testing

@Suite struct AdminsRulesTests {
    @Test(arguments: [
        RuleCase("the quorum", nil, founding: .twoAdmins) { practice in
            practice.entry(practice.admins(), by: practice.quorum)
        },
        RuleCase("one admin of two", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.admins(), by: [.device("ana")])
        },
        RuleCase("a member besides an admin", .notPermitted, founding: .twoAdmins) { practice in
            practice.join("bo")
            return practice.entry(practice.admins(), by: Practice.ordered([.device("ana"), .device("bo")]))
        },
        RuleCase("the recovery key", nil, founding: .twoAdmins) { practice in
            practice.entry(practice.admins(), by: [.recovery("paper")])
        },
        RuleCase("another recovery key", .badSignature, founding: .twoAdmins) { practice in
            practice.entry(practice.admins(), by: [.recovery("stolen")])
        },
        RuleCase("a recovery key where there is none", .notPermitted, founding: .init(recovery: nil)) { practice in
            practice.entry(practice.admins(), by: [.recovery("paper")])
        },
        RuleCase("the recovery key besides the quorum", .notPermitted, founding: .twoAdmins) { practice in
            practice.entry(practice.admins(), by: practice.quorum + [.recovery("paper")])
        },
    ])
    func isSignedByTheQuorumOrTheRecoveryKey(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("an older statement", .stale) { practice in
            practice.log(practice.admins(audit: .named("audit")), by: [.device("ana")])
            return practice.entry(
                practice.admins(replaces: .sha256(practice.genesis.text)), by: [.device("ana")])
        },
        RuleCase("the current one", nil) { practice in
            practice.log(practice.admins(audit: .named("audit")), by: [.device("ana")])
            practice.wait(seconds: 1)
            return practice.entry(practice.admins(), by: [.device("ana")])
        },
    ])
    func replacesTheCurrentStatement(_ row: RuleCase) { row.check() }

    /// Witnesses count from their statement on; who signs in the roster, or for it, is none.
    @Test(arguments: [
        RuleCase("a stranger", nil) { practice in
            practice.entry(practice.admins(witnesses: .of("w.example/1", "w.example/2")), by: [.device("ana")])
        },
        RuleCase("a member's device", .duplicate) { practice in
            practice.join("bo")
            let policy = WitnessPolicy(
                [WitnessKey(name: "bo.example", key: Signer.device("bo").key.verifyingKey)], demanded: 1)
            return practice.entry(practice.admins(witnesses: policy), by: [.device("ana")])
        },
        RuleCase("the log's own key", .duplicate) { practice in
            let policy = WitnessPolicy(
                [WitnessKey(name: "log.example", key: practice.genesis.activityKey)], demanded: 0)
            return practice.entry(practice.admins(witnesses: policy), by: [.device("ana")])
        },
    ])
    func witnessesAreStrangers(_ row: RuleCase) { row.check() }

    @Test func witnessesStandUntilTheyAreReplaced() throws {
        let practice = Practice()
        #expect(practice.view.witnesses == .none)
        practice.log(practice.admins(witnesses: .of("w.example/1")), by: [.device("ana")])
        let since = practice.view.time
        practice.wait(seconds: 60)
        practice.log(practice.member("bo"), by: [.device("ana")])
        #expect(practice.view.witnesses == .of("w.example/1"))
        #expect(practice.view.witnessesSince <= since)
        practice.log(practice.admins(audit: .named("audit")), by: [.device("ana")])
        #expect(practice.view.witnesses == .of("w.example/1"))
        #expect(practice.view.witnessesSince <= since)
        practice.log(practice.admins(witnesses: .of("w.example/2")), by: [.device("ana")])
        #expect(practice.view.witnessesSince > since)
        practice.wait(seconds: 1)
        practice.log(practice.admins(witnesses: WitnessPolicy.none), by: [.device("ana")])
        #expect(practice.view.witnesses == .none)
    }

    @Test(arguments: [
        RuleCase("a live device of another member", nil) { practice in
            practice.join("bo")
            return practice.entry(
                practice.admins([.named("ana"): .named("ana"), .named("bo"): .named("bo")], quorum: 2),
                by: [.device("ana")])
        },
        RuleCase("a revoked device", .unknown) { practice in
            practice.join("bo")
            practice.log(practice.revoke(.device(.named("bo"))), by: [.device("ana")])
            return practice.entry(
                practice.admins([.named("ana"): .named("ana"), .named("bo"): .named("bo")]), by: [.device("ana")])
        },
        RuleCase("a suspended member's device", .unknown) { practice in
            practice.join("bo")
            practice.log(practice.member("bo", status: .suspended), by: [.device("ana")])
            return practice.entry(
                practice.admins([.named("ana"): .named("ana"), .named("bo"): .named("bo")]), by: [.device("ana")])
        },
        RuleCase("a device under another member's name", .unknown) { practice in
            practice.join("bo")
            return practice.entry(
                practice.admins([.named("ana"): .named("ana"), .named("bo"): .named("ana")]), by: [.device("ana")])
        },
        RuleCase("a device that is not enrolled", .unknown) { practice in
            practice.entry(practice.admins([.named("ghost"): .named("ana")]), by: [.device("ana")])
        },
        RuleCase("no quorum", .tooFewAdmins) { practice in
            practice.entry(practice.admins(quorum: 0), by: [.device("ana")])
        },
        RuleCase("a quorum of more members than there are", .tooFewAdmins) { practice in
            practice.enrolDevice("ana's phone", of: "ana", by: [.device("ana")])
            return practice.entry(
                practice.admins(
                    [.named("ana"): .named("ana"), .named("ana's phone"): .named("ana")], quorum: 2),
                by: [.device("ana")])
        },
    ])
    func listsLiveDevicesAndAQuorumOfThem(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("a device's signing key", .duplicate) { practice in
            let recovery = RecoveryPublicKey(
                signing: Signer.device("ana").key.verifyingKey, encapsulation: .named("new"))
            return practice.entry(practice.admins(recovery: recovery), by: [.device("ana")])
        },
        RuleCase("a key that was the recovery key once", .duplicate) { practice in
            practice.log(practice.admins(recovery: .named("new")), by: [.recovery("paper")])
            return practice.entry(practice.admins(recovery: .named("paper")), by: [.recovery("new")])
        },
        RuleCase("the waiting key with a device's signing key", .duplicate) { practice in
            practice.log(practice.admins(recovery: .named("new")), by: [.device("ana")])
            let mixed = RecoveryPublicKey(
                signing: Signer.device("ana").key.verifyingKey,
                encapsulation: RecoveryPublicKey.named("new").encapsulation)
            return practice.entry(practice.admins(recovery: mixed), by: [.device("ana")])
        },
        RuleCase("the waiting key again", nil) { practice in
            practice.log(practice.admins(recovery: .named("new")), by: [.device("ana")])
            practice.wait(seconds: 1)
            return practice.entry(practice.admins(recovery: .named("new")), by: [.device("ana")])
        },
    ])
    func theRecoveryKeysSigningKeyIsNew(_ row: RuleCase) { row.check() }

    @Test(arguments: [
        RuleCase("the founders' recovery key as audit key", .duplicate) { practice in
            practice.entry(practice.admins(audit: practice.view.recoveryKey!.encapsulation), by: [.device("ana")])
        },
        RuleCase("its X25519 key alone", .duplicate) { practice in
            let half = EncapsulationKey(
                x25519: practice.view.recoveryKey!.encapsulation.x25519,
                mlkem768: EncapsulationKey.named("audit").mlkem768)
            return practice.entry(practice.admins(audit: half), by: [.device("ana")])
        },
        RuleCase("its ML-KEM key alone", .duplicate) { practice in
            let half = EncapsulationKey(
                x25519: EncapsulationKey.named("audit").x25519,
                mlkem768: practice.view.recoveryKey!.encapsulation.mlkem768)
            return practice.entry(practice.admins(audit: half), by: [.device("ana")])
        },
        RuleCase("one new key as both", .duplicate) { practice in
            let recovery = RecoveryPublicKey(
                signing: Signer.recovery("new").key.verifyingKey, encapsulation: .named("both"))
            return practice.entry(practice.admins(audit: .named("both"), recovery: recovery), by: [.recovery("paper")])
        },
        RuleCase("two new keys that share a half", .duplicate) { practice in
            let half = EncapsulationKey(
                x25519: EncapsulationKey.named("audit").x25519, mlkem768: EncapsulationKey.named("both").mlkem768)
            let recovery = RecoveryPublicKey(
                signing: Signer.recovery("new").key.verifyingKey, encapsulation: .named("both"))
            return practice.entry(practice.admins(audit: half, recovery: recovery), by: [.recovery("paper")])
        },
        RuleCase("what was the audit key once as recovery key", .duplicate) { practice in
            practice.log(practice.admins(audit: .named("first")), by: [.device("ana")])
            practice.log(practice.admins(audit: .some(nil)), by: [.device("ana")])
            practice.wait(seconds: 72 * 3_600)
            let recovery = RecoveryPublicKey(
                signing: Signer.recovery("new").key.verifyingKey, encapsulation: .named("first"))
            return practice.entry(practice.admins(recovery: recovery), by: [.recovery("paper")])
        },
        RuleCase("what was the recovery key once as audit key", .duplicate) { practice in
            practice.log(practice.admins(recovery: .named("new")), by: [.recovery("paper")])
            let old = RecoveryPublicKey.named("paper").encapsulation
            return practice.entry(practice.admins(audit: old), by: [.device("ana")])
        },
        RuleCase("a recovery key that was voided as audit key", .duplicate) { practice in
            let statement = practice.log(practice.admins(recovery: .named("new")), by: [.device("ana")])
            practice.log(practice.revoke(.statement(statement)), by: [.device("ana")])
            let voided = RecoveryPublicKey.named("new").encapsulation
            return practice.entry(practice.admins(audit: voided), by: [.device("ana")])
        },
        RuleCase("each in its purpose again", nil) { practice in
            practice.log(practice.admins(audit: .named("first")), by: [.device("ana")])
            practice.log(practice.admins(audit: .named("second"), recovery: .named("new")), by: [.device("ana")])
            return practice.entry(practice.admins(audit: .named("first")), by: [.device("ana")])
        },
    ])
    func noKeyIsBothAuditAndRecoveryKey(_ row: RuleCase) { row.check() }

    @Test func aClientKnowsWhichKeyBecomesNoAuditKey() {
        let practice = Practice()
        let paper = RecoveryPublicKey.named("paper").encapsulation
        let half = EncapsulationKey(x25519: paper.x25519, mlkem768: EncapsulationKey.named("audit").mlkem768)
        practice.log(practice.admins(recovery: .named("new")), by: [.recovery("paper")])
        for key in [paper, half, RecoveryPublicKey.named("new").encapsulation] {
            #expect(practice.view.hasHalfOfRecoveryKey(key))
        }
        #expect(!practice.view.hasHalfOfRecoveryKey(.named("audit")))
    }

    @Test func adminRightsComeAndGoWithTheList() {
        let practice = Practice()
        practice.join("bo")
        let both: [DeviceID: MemberID] = [.named("ana"): .named("ana"), .named("bo"): .named("bo")]
        practice.log(practice.admins(both), by: [.device("ana")])
        #expect(practice.view.isAdmin(.named("bo")))
        #expect(practice.view.member(.named("bo"))?.roles == [.provider, .admin])
        practice.log(practice.admins([.named("bo"): .named("bo")]), by: [.device("ana")])
        #expect(!practice.view.isAdmin(.named("ana")))
        #expect(practice.view.member(.named("ana"))?.roles == [])
        let entry = practice.entry(practice.member("ivy"), by: [.device("ana")])
        #expect(practice.verdict(on: entry) == .notPermitted)
    }
}

extension WitnessPolicy {
    /// Witnesses of these names, all demanded.
    fileprivate static func of(_ names: String...) -> WitnessPolicy {
        WitnessPolicy(
            names.map { WitnessKey(name: $0, key: Signer.key($0).verifyingKey) }, demanded: UInt64(names.count))!
    }
}
