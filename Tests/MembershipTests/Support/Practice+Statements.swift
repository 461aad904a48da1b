import Membership
import Secrets
import SignerSupport
import Statements

/// Statements as an honest signer writes them now; a test changes one thing.
extension Practice {
    func member(
        _ name: String, called shown: String? = nil, roles: Set<Role> = [.provider], status: MemberStatus = .active,
        replaces: Digest?? = nil, seen: Seen? = nil, at: Timestamp? = nil, organisation: OrganisationID? = nil
    ) -> MemberStatement {
        MemberStatement(
            organisation: organisation ?? self.organisation, seen: seen ?? self.seen, at: at ?? now,
            replaces: replaces ?? view.member(.named(name))?.statement, member: .named(name),
            name: .words(shown ?? name), roles: roles, status: status)
    }

    func invitation(
        _ name: String, for member: String, lifeSeconds: Int64 = InvitationStatement.defaultLifeSeconds,
        key: VerifyingKey? = nil
    ) -> InvitationStatement {
        InvitationStatement(
            organisation: organisation, seen: seen, at: now, member: .named(member),
            key: key ?? Signer.invitation(name).key.verifyingKey, expires: now.adding(seconds: lifeSeconds))
    }

    func enrol(_ device: String, with invitation: String, of member: String, at: Timestamp? = nil) -> EnrolStatement {
        enrol(Signer.device(device).key, with: .named(invitation), of: member, at: at)
    }

    func enrol(
        _ key: borrowing SigningKey, with invitation: InvitationID, of member: String, at: Timestamp? = nil
    ) -> EnrolStatement {
        EnrolStatement(
            organisation: organisation, seen: seen, at: at ?? now, member: .named(member), invitation: invitation,
            key: key.verifyingKey, platform: Platform("linux".utf8)!, label: .words("a device"))
    }

    func revoke(_ target: RevokeStatement.Target) -> RevokeStatement {
        RevokeStatement(organisation: organisation, seen: seen, at: now, target: target, reason: .words("lost"))
    }

    /// The `admins` statement that changes nothing but what is given. `.some(nil)` removes a key.
    func admins(
        _ admins: [DeviceID: MemberID]? = nil, quorum: UInt64? = nil, audit: EncapsulationKey?? = nil,
        recovery: RecoveryPublicKey?? = nil, replaces: Digest? = nil, witnesses: WitnessPolicy? = nil
    ) -> AdminsStatement {
        let view = view
        return AdminsStatement(
            organisation: organisation, seen: seen, at: now, replaces: replaces ?? view.adminsStatement,
            admins: admins ?? view.adminDevices, quorum: quorum ?? UInt64(view.quorum),
            audit: audit ?? view.auditKey, recovery: recovery ?? view.recoveryKey,
            witnesses: witnesses ?? view.witnesses)
    }

    // MARK: Whole steps

    /// A member with these roles and a device of the same name.
    func join(_ name: String, roles: Set<Role> = [.provider]) {
        let isGuarded = !roles.isDisjoint(with: [.auditor, .gateway])
        log(member(name, roles: roles), by: isGuarded ? quorum : [.device("ana")])
        enrolDevice(name, of: name, by: [.device("ana")])
    }

    /// One more device of a member.
    func enrolDevice(_ device: String, of member: String, by signers: [Signer]) {
        log(invitation("for \(device)", for: member), by: signers)
        log(enrol(device, with: "for \(device)", of: member), by: [.device(device), .invitation("for \(device)")])
    }
}
