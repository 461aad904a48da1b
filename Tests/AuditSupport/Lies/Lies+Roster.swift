import Sealing
import TransparencyLog
import Auditing
import Membership
import Secrets
import SignerSupport
import Statements

/// Statements of the roster log that break a rule, by an admin, or by somebody who would be one; the relay took them.
extension Lie {
    static let rosterStatements: [Lie] = [
        Lie(.admin, "admin-who-is-none", "a member's device that is no admin key adds a member") {
            $0.force(.notPermitted, $0.world.member("eva", roles: [.provider]), by: .device("bo"))
        },
        Lie(.admin, "admin-unknown", "a device that was never enrolled adds a member") {
            $0.force(.notPermitted, $0.world.member("eva", roles: [.provider]), by: .device("ghost"))
        },
        Lie(.admin, "admin-revoked", "a revoked admin device adds a member") { telling in
            let world = telling.world
            telling.enrol("attic", of: "ana")
            var devices = world.view.adminDevices
            devices[.named("attic")] = .named("ana")
            world.commit(world.admins(devices), by: World.quorum)
            telling.pass(5)
            world.revoke("attic")
            telling.force(.signerRevoked, world.member("eva", roles: [.provider]), by: .device("attic"))
        },
        Lie(.admin, "signature-forged", "an admin's name stands under a statement, and another key signed it") {
            telling in
            let statement = telling.world.member("eva", roles: [.provider])
            let signature = SignedNote.signature(
                of: statement.text, by: Signer.key("thief"), as: Signer.device("ana").noteName)
            let note = SignedNote(text: statement.text, signatures: [signature])
            telling.force(.badSignature, Entry(time: telling.now, body: note.bytes))
        },
        Lie(.admin, "auditor-without-quorum", "one admin alone makes a member an auditor") {
            $0.force(.badSignature, $0.world.member("eva", roles: [.auditor]), by: .device("ana"))
        },
        Lie(.admin, "gateway-without-quorum", "one admin alone makes a member a gateway") {
            $0.force(.badSignature, $0.world.member("bo", roles: [.provider, .gateway]), by: .device("ana"))
        },
        Lie(.admin, "quorum-of-one-member", "two devices of one admin member sign as a quorum") { telling in
            let world = telling.world
            telling.enrol("attic", of: "ana")
            var devices = world.view.adminDevices
            devices[.named("attic")] = .named("ana")
            world.commit(world.admins(devices), by: World.quorum)
            telling.pass(5)
            let both = [Signer.device("ana"), .device("attic")].sorted { $0.noteName < $1.noteName }
            telling.force(.badSignature, world.member("eva", roles: [.auditor]), by: both)
        },
        Lie(.admin, "quorum-out-of-order", "a quorum's signatures stand in the wrong order") {
            $0.force(.badSignature, $0.world.member("eva", roles: [.auditor]), by: World.quorum.reversed())
        },
        Lie(.admin, "member-stale", "a member's statement replaces one that is no longer in force") { telling in
            let stale = telling.world.member("bo", roles: [.provider, .intake])
            telling.world.commit(telling.world.member("bo", roles: [.provider]), by: [.device("max")])
            telling.pass(5)
            telling.force(.stale, stale, by: .device("ana"))
        },
        Lie(.admin, "member-of-a-taken-name", "a second member bears the name of another") { telling in
            let world = telling.world
            let statement = MemberStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: telling.now, replaces: nil,
                member: .named("another bo"), name: .words("bo"), roles: [.provider], status: .active)
            telling.force(.duplicate, statement, by: .device("ana"))
        },
        Lie(.admin, "statement-again", "a statement is logged a second time") { telling in
            let statement = telling.world.member("eva", roles: [.provider])
            telling.world.commit(statement, by: [.device("ana")])
            telling.force(.duplicate, statement, by: .device("ana"))
        },
        Lie(.admin, "clock-of-an-admin", "a statement's own time is ten minutes old") {
            let statement = $0.world.member("eva", roles: [.provider], at: $0.now.adding(seconds: -600))
            $0.force(.clock, statement, by: .device("ana"))
        },
        Lie(.admin, "roster-seen-unsigned", "an admin names a roster log that was never signed") { telling in
            let seen = telling.world.rosterSeen
            let lie = Seen(
                size: seen.size, root: seen.root,
                signature: SeenSignature(bytes: Array(repeating: 1, count: SeenSignature.byteCount)))
            telling.force(.seenUnsigned, telling.world.revocation("eve", seen: lie), by: .device("ana"))
        },
        Lie(.relay, "roster-seen-of-a-fork", "an admin was shown another roster log, and says so") { telling in
            let fork = telling.world.roster.sign(size: 3, root: .of("fork")).seen
            telling.force(.seenContradicts, telling.world.revocation("eve", seen: fork), by: .device("ana"))
        },
        Lie(.relay, "second-genesis", "the roster log holds a second genesis") { telling in
            let note = SignedNote(telling.world.genesis.text, by: World.quorum)
            telling.force(.duplicate, Entry(time: telling.now, body: note.bytes))
        },
        Lie(.relay, "roster-noise", "what stands in the roster log is no statement") {
            $0.force(.malformed, Entry(time: $0.now, body: Array("noise\n".utf8)))
        },
        Lie(.relay, "roster-time-runs-back", "a roster entry is a minute older than the one before it") { telling in
            let world = telling.world
            // No head knows of the minute before.
            telling.pass(120)
            world.commit(world.member("eva", roles: [.provider]), by: [.device("ana")])
            let note = SignedNote(world.member("eva", roles: [.intake]).text, by: [.device("ana")])
            let event = world.activity.size
            let index = telling.force(.timeOrder, Entry(time: telling.now.adding(seconds: -60), body: note.bytes))
            telling.expect(.rosterEventLate, log: .roster, at: index, words: "entry \(event)")
        },
        Lie(.admin, "roster-of-another-organisation", "a statement of another organisation stands in the roster log") {
            telling in
            let world = telling.world
            let statement = RevokeStatement(
                organisation: OrganisationID(genesisText: Array("another".utf8)), seen: world.rosterSeen,
                at: telling.now, target: .device(.named("eve")), reason: .words("not here"))
            telling.force(.wrongOrganisation, statement, by: .device("ana"))
        },
    ]

    /// Invitations, devices and the keys that admins name.
    static let rosterKeys: [Lie] = [
        Lie(.admin, "invitation-used-twice", "a second device enrols with a used invitation") { telling in
            telling.enrol("spare", of: "kim")
            let enrolment = telling.world.enrolment("second", of: "kim", invitation: "spare")
            telling.force(.invitationSpent, enrolment, by: [.device("second"), .invitation("spare")])
            telling.world.revoke("spare")
        },
        Lie(.admin, "invitation-expired", "a device enrols with an expired invitation") { telling in
            let world = telling.world
            world.commit(
                world.invitation("spare", of: "kim", lifeSeconds: 60), by: [.device("ana"), .device("kim")])
            telling.pass(60)
            let enrolment = world.enrolment("spare", of: "kim")
            telling.force(.invitationSpent, enrolment, by: [.device("spare"), .invitation("spare")])
        },
        Lie(.admin, "invitation-revoked", "a device enrols with a revoked invitation") { telling in
            let world = telling.world
            world.commit(world.invitation("spare", of: "kim"), by: [.device("ana"), .device("kim")])
            telling.pass(5)
            world.commit(
                RevokeStatement(
                    organisation: world.organisation, seen: world.rosterSeen, at: telling.now,
                    target: .invitation(.named("spare")), reason: .words("not needed")), by: [.device("max")])
            telling.pass(5)
            let enrolment = world.enrolment("spare", of: "kim")
            telling.force(.invitationSpent, enrolment, by: [.device("spare"), .invitation("spare")])
        },
        Lie(.admin, "invitation-for-too-long", "an invitation lives for eight days") {
            let statement = $0.world.invitation("spare", of: "kim", lifeSeconds: 8 * 86_400)
            $0.force(.outOfBounds, statement, by: [.device("ana"), .device("kim")])
        },
        Lie(.admin, "invitation-by-one-admin", "one admin alone invites a device of a member who has one") {
            $0.force(.badSignature, $0.world.invitation("spare", of: "kim"), by: .device("ana"))
        },
        Lie(.admin, "invitation-quorum-out-of-order", "a quorum invites, and its signatures stand in the wrong order") {
            $0.force(.badSignature, $0.world.invitation("spare", of: "kim"), by: World.quorum.reversed())
        },
        Lie(.admin, "invitation-key-again", "an invitation's key was used before") {
            $0.force(.duplicate, $0.world.invitation("tablet", of: "kim"), by: [.device("ana"), .device("kim")])
        },
        Lie(.relay, "enrolment-forged", "a device enrols without its invitation's signature") { telling in
            let world = telling.world
            world.commit(world.invitation("spare", of: "kim"), by: [.device("ana"), .device("kim")])
            telling.pass(5)
            telling.force(
                .badSignature, world.enrolment("spare", of: "kim"), by: [.device("spare"), .invitation("tablet")])
        },
        Lie(.relay, "enrolment-uninvited", "a device enrols with an invitation that nobody issued") {
            $0.force(
                .unknown, $0.world.enrolment("spare", of: "kim"), by: [.device("spare"), .invitation("spare")])
        },
        Lie(.admin, "enrolment-for-another", "a device enrols for another member than the invited one") { telling in
            let world = telling.world
            world.commit(world.invitation("spare", of: "kim"), by: [.device("ana"), .device("kim")])
            telling.pass(5)
            telling.force(
                .unknown, world.enrolment("spare", of: "eve"), by: [.device("spare"), .invitation("spare")])
        },
        Lie(.recipient, "device-key-again", "a device enrols with a key that is enrolled") { telling in
            let world = telling.world
            world.commit(world.invitation("spare", of: "kim"), by: [.device("ana"), .device("kim")])
            telling.pass(5)
            let enrolment = world.enrolment("eve", of: "kim", invitation: "spare")
            telling.force(.duplicate, enrolment, by: [.device("eve"), .invitation("spare")])
        },
        Lie(.recipient, "device-id-of-another", "a device claims an id that is not its key's hash") { telling in
            let world = telling.world
            world.commit(world.invitation("spare", of: "kim"), by: [.device("ana"), .device("kim")])
            telling.pass(5)
            let text = String(decoding: world.enrolment("spare", of: "kim").text, as: UTF8.self)
                .replacing("device \(DeviceID.named("spare"))", with: "device \(DeviceID.named("eve"))")
            let note = SignedNote(Array(text.utf8), by: [.device("spare"), .invitation("spare")])
            telling.force(.malformed, Entry(time: telling.now, body: note.bytes))
        },
        Lie(.admin, "admins-stale", "an admins statement replaces one that is no longer in force") { telling in
            let world = telling.world
            let stale = world.view.adminsStatement
            world.commit(world.admins(), by: World.quorum)
            telling.pass(5)
            telling.force(.stale, world.admins(quorum: 1, replaces: stale), by: World.quorum)
        },
        Lie(.admin, "admins-by-one", "one admin alone names the admins") {
            $0.force(.badSignature, $0.world.admins([.named("ana"): .named("ana")], quorum: 1), by: .device("ana"))
        },
        Lie(.admin, "admins-below-quorum", "fewer admin members are named than the quorum") {
            $0.force(.tooFewAdmins, $0.world.admins([.named("ana"): .named("ana")]), by: World.quorum)
        },
        Lie(.admin, "admin-device-unknown", "a device is named an admin key that was never enrolled") {
            let devices: [DeviceID: MemberID] = [
                .named("ana"): .named("ana"), .named("max"): .named("max"), .named("ghost"): .named("bo"),
            ]
            $0.force(.unknown, $0.world.admins(devices), by: World.quorum)
        },
        Lie(.admin, "revocation-below-quorum", "a revocation leaves fewer admin members than the quorum") {
            $0.force(.tooFewAdmins, $0.world.revocation("max"), by: .device("ana"))
        },
        Lie(.admin, "suspension-below-quorum", "a suspension leaves fewer admin members than the quorum") {
            let statement = $0.world.member("max", roles: [], status: .suspended)
            $0.force(.tooFewAdmins, statement, by: .device("ana"))
        },
        Lie(.admin, "revocation-of-nobody", "a device is revoked that is not enrolled") {
            $0.force(.unknown, $0.world.revocation("ghost"), by: .device("ana"))
        },
        Lie(.admin, "revocation-again", "a device is revoked a second time") { telling in
            telling.enrol("spare", of: "kim")
            telling.world.revoke("spare")
            telling.pass(5)
            telling.force(.unknown, telling.world.revocation("spare"), by: .device("ana"))
        },
        Lie(.admin, "revocation-of-a-used-invitation", "an invitation is revoked that was used") { telling in
            let world = telling.world
            telling.enrol("spare", of: "kim")
            let revocation = RevokeStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: telling.now,
                target: .invitation(.named("spare")), reason: .words("not needed"))
            telling.force(.unknown, revocation, by: .device("max"))
            world.revoke("spare")
        },
        Lie(.admin, "recovery-key-early", "a recovery key signs before its 72 hours are over") { telling in
            let world = telling.world
            let key = RecoveryPublicKey(
                signing: Signer.recovery("stolen").key.verifyingKey,
                encapsulation: EncapsulationPrivateKey.named("stolen").publicKey)
            let admins = world.admins(recovery: key)
            world.commit(admins, by: World.quorum)
            telling.pass(3_600)
            let code: RuleViolation.Code = world.view.recoveryKey == nil ? .notPermitted : .badSignature
            telling.force(code, world.revocation("eve"), by: .recovery("stolen"))
            let void = RevokeStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: telling.now,
                target: .statement(.sha256(admins.text)), reason: .words("not ours"))
            world.commit(void, by: [.device("max")])
        },
        Lie(.admin, "recovery-key-of-a-device", "a device's key is named the recovery key") {
            let key = RecoveryPublicKey(
                signing: Signer.device("bo").key.verifyingKey,
                encapsulation: EncapsulationPrivateKey.named("stolen").publicKey)
            $0.force(.duplicate, $0.world.admins(recovery: key), by: World.quorum)
        },
        Lie(.admin, "key-change-of-nothing-voided", "a key change is voided that does not wait") { telling in
            let world = telling.world
            let void = RevokeStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: telling.now,
                target: .statement(.of("nothing")), reason: .words("not ours"))
            telling.force(.unknown, void, by: .device("max"))
        },
        Lie(.admin, "key-change-in-force-voided", "the admins statement in force is voided, and no key of it waits") {
            telling in
            let world = telling.world
            // It names what is in force, so that nothing waits.
            world.commit(world.admins(), by: World.quorum)
            telling.pass(5)
            let void = RevokeStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: telling.now,
                target: .statement(world.view.adminsStatement), reason: .words("not ours"))
            telling.force(.unknown, void, by: .device("max"))
        },
        Lie(.admin, "recovery-key-again", "a recovery key that was voided is named a second time") { telling in
            let key = telling.voidedRecoveryKey()
            telling.force(.duplicate, telling.world.admins(recovery: key), by: World.quorum)
        },
        Lie(.admin, "recovery-key-is-audit-key", "the audit key is named the recovery key") {
            let key = RecoveryPublicKey(
                signing: Signer.recovery("stolen").key.verifyingKey, encapsulation: $0.world.auditKey.publicKey)
            $0.force(.duplicate, $0.world.admins(recovery: key), by: World.quorum)
        },
        Lie(.admin, "audit-key-was-recovery-key", "a recovery key that was voided is named the audit key") { telling in
            let key = telling.voidedRecoveryKey()
            telling.force(.duplicate, telling.world.admins(audit: key.encapsulation), by: World.quorum)
        },
    ]
}

extension Telling {
    /// A recovery key that was named, and voided an hour later.
    fileprivate func voidedRecoveryKey() -> RecoveryPublicKey {
        let key = RecoveryPublicKey(
            signing: Signer.recovery("lost").key.verifyingKey,
            encapsulation: EncapsulationPrivateKey.named("lost").publicKey)
        let admins = world.admins(recovery: key)
        world.commit(admins, by: World.quorum)
        pass(3_600)
        let void = RevokeStatement(
            organisation: world.organisation, seen: world.rosterSeen, at: now,
            target: .statement(.sha256(admins.text)), reason: .words("not ours"))
        world.commit(void, by: [.device("max")])
        pass(5)
        return key
    }

    fileprivate func force(_ code: RuleViolation.Code, _ statement: some StatementText, by signers: Signer...) {
        force(code, statement, by: signers)
    }

    fileprivate func force(_ code: RuleViolation.Code, _ statement: some StatementText, by signers: [Signer]) {
        force(code, Entry(time: now, body: SignedNote(statement.text, by: signers).bytes))
    }

    /// The relay takes a statement that breaks a rule, and puts the roster in force.
    @discardableResult
    fileprivate func force(_ code: RuleViolation.Code, _ entry: Entry) -> UInt64 {
        let index = world.force(entry)
        expect(.init(code), log: .roster, at: index)
        pass(5)
        return index
    }
}
