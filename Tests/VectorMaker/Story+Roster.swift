import Sealing
import Secrets
import Statements

/// Who joins, and with which device.
private struct Joiner {
    let member: String
    let name: String
    let roles: Set<Role>
    let devices: [(key: String, label: String, platform: String)]
}

extension Story {
    /// Genesis; then members, invitations and enrolments.
    func foundAndEnrol() {
        commit(roster: [
            StatementVector(
                "genesis", Self.genesis,
                signers: Self.genesis.admins.map { admin in
                    .device(admin.member == Fixed.member("ana") ? "device ana" : "device max")
                })
        ])
        let joiners = [
            Joiner(
                member: "bo", name: "Dr. Bo O’Neill", roles: [.provider],
                devices: [
                    ("device bo phone", "phone", "android"), ("device bo tablet", "tablet at home", "linux-arm64"),
                ]),
            Joiner(
                member: "ivy", name: "Ivy", roles: [.intake, .provider], devices: [("device ivy", "desk 1", "linux")]),
            Joiner(member: "udo", name: "Udo 監査", roles: [.auditor], devices: [("device udo", "audit", "linux")]),
        ]
        for joiner in joiners { join(joiner) }
    }

    private func join(_ joiner: Joiner) {
        let member = Fixed.member(joiner.member)
        wait(seconds: 60)
        commit(roster: [
            StatementVector(
                "member \(joiner.member)",
                MemberStatement(
                    organisation: organisation, seen: rosterSeen, at: now, replaces: nil, member: member,
                    name: TextValue(typed: joiner.name)!, roles: joiner.roles, status: .active),
                // An auditor needs the quorum.
                signers: joiner.roles.contains(.auditor) ? quorum : [.device("device ana")])
        ])
        for device in joiner.devices {
            wait(seconds: 10)
            let invitation = "invitation for \(device.key)"
            commit(roster: [self.invitation(invitation, for: member)])
            wait(seconds: 30)
            commit(roster: [
                StatementVector(
                    "enrol \(device.key)",
                    EnrolStatement(
                        organisation: organisation, seen: rosterSeen, at: now, member: member,
                        invitation: InvitationID(key: InvitationKeys.signingKey(invitation).verifyingKey),
                        key: Fixed.verifyingKey(device.key), platform: Platform(device.platform.utf8)!,
                        label: TextValue(typed: device.label)!),
                    signers: [.device(device.key), .invitation(invitation)])
            ])
        }
    }

    /// Both admin devices, ordered by id.
    private var quorum: [Signer] {
        [Signer.device("device ana"), .device("device max")].sorted { $0.note.name < $1.note.name }
    }

    private func invitation(_ name: String, for member: MemberID) -> StatementVector {
        StatementVector(
            name,
            InvitationStatement(
                organisation: organisation, seen: rosterSeen, at: now, member: member,
                key: InvitationKeys.signingKey(name).verifyingKey,
                expires: now.adding(seconds: InvitationStatement.defaultLifeSeconds)),
            signers: [.device("device max")])
    }

    /// The auditor offers a key; both admins set it.
    func setAuditKey() {
        wait(seconds: 300)
        let key = Fixed.encapsulationKey("audit key").publicKey
        loose.append(
            StatementVector(
                "audit key offer",
                AuditKeyOffer(organisation: organisation, device: Fixed.device("device udo"), at: now, key: key),
                signers: [.device("device udo")]))
        wait(seconds: 20)
        commit(roster: [
            StatementVector(
                "admins",
                AdminsStatement(
                    organisation: organisation, seen: rosterSeen, at: now, replaces: Digest.sha256(Self.genesis.text),
                    admins: [
                        Fixed.device("device ana"): Fixed.member("ana"),
                        Fixed.device("device max"): Fixed.member("max"),
                    ], quorum: 2, audit: key, recovery: Fixed.recoveryKey().publicKey),
                signers: quorum)
        ])
    }

    /// A device revokes itself, an admin an invitation; and, in no log, the recovery key a change of keys.
    func revoke() {
        wait(seconds: 3_600)
        let spare = "invitation never used"
        commit(roster: [self.invitation(spare, for: Fixed.member("ivy"))])
        wait(seconds: 5)
        commit(roster: [
            revocation(
                "revoke invitation", .invitation(InvitationID(key: InvitationKeys.signingKey(spare).verifyingKey)),
                reason: "sent to the wrong person", by: .device("device ana")),
            revocation(
                "revoke device", .device(Fixed.device("device bo tablet")), reason: "left on a train",
                by: .device("device bo tablet")),
        ])
        loose.append(
            revocation(
                "revoke statement", .statement(Digest.sha256(Fixed.seed("some admins statement"))),
                reason: "nobody asked for this change", by: .recovery))
    }

    private func revocation(
        _ name: String, _ target: RevokeStatement.Target, reason: String, by signer: Signer
    ) -> StatementVector {
        StatementVector(
            name,
            RevokeStatement(
                organisation: organisation, seen: rosterSeen, at: now, target: target, reason: TextValue(typed: reason)!
            ),
            signers: [signer])
    }
}
