import Secrets
import Statements

/// One rule set a statement type: each decides on a view and changes nothing.
extension Roster {
    func decide(
        _ statement: MemberStatement, note: SignedNote, view: RosterView
    ) throws(RuleViolation) -> Change {
        let current = view.memberRecord(statement.member)
        guard statement.replaces == current?.statement else {
            throw RuleViolation(.stale, "the member's current statement is another")
        }
        if let holder = member(named: statement.name, size: size), holder != statement.member {
            throw RuleViolation(.duplicate, "another member bears this name")
        }
        if statement.roles.isDisjoint(with: [.auditor, .gateway]) {
            try verifyAdmin(note, view: view)
        } else {
            try verifyQuorum(note, view: view)
        }
        if statement.status == .suspended {
            let live = view.liveAdminMembers
            let left = live.subtracting([statement.member])
            guard left.count >= view.quorum || left.count == live.count else {
                throw RuleViolation(.tooFewAdmins, "suspending this member needs another admin first")
            }
        }
        return .member(
            statement.member,
            MemberVersion(
                place: size, time: view.time, name: statement.name, roles: statement.roles, status: statement.status,
                statement: note.hash))
    }

    func decide(
        _ statement: InvitationStatement, note: SignedNote, view: RosterView
    ) throws(RuleViolation) -> Change {
        guard let member = view.member(statement.member), member.status == .active else {
            throw RuleViolation(.unknown, "the invited member is not active")
        }
        guard statement.expires > statement.at,
            statement.expires.milliseconds(since: statement.at) <= InvitationStatement.maximumLifeSeconds * 1000
        else { throw RuleViolation(.outOfBounds, "the invitation's life") }
        guard !isUsed(statement.key) else { throw RuleViolation(.duplicate, "the invitation's key") }
        try verifyInvitationSigners(note, member: statement.member, view: view)
        return .invitation(
            Invitation(
                id: statement.invitation, member: statement.member, key: statement.key, expires: statement.expires,
                issued: Place(index: size, time: view.time), issuer: DeviceID(note.signatures[0].name)))
    }

    func decide(_ statement: EnrolStatement, note: SignedNote, view: RosterView) throws(RuleViolation) -> Change {
        guard let invitation = view.invitation(statement.invitation) else {
            throw RuleViolation(.unknown, "the invitation")
        }
        guard invitation.used == nil, invitation.revoked == nil, view.time < invitation.expires else {
            throw RuleViolation(.invitationSpent, "the invitation was used, revoked or has expired")
        }
        guard invitation.member == statement.member, view.member(statement.member)?.status == .active else {
            throw RuleViolation(.unknown, "the invited member is not active")
        }
        guard !isUsed(statement.key) else { throw RuleViolation(.duplicate, "the device's key") }
        try Self.verify(note, by: [NoteKey(device: statement.key), NoteKey(invitation: invitation.key)])
        return .enrol(
            Device(
                id: statement.device, member: statement.member, key: statement.key, label: statement.label,
                platform: statement.platform, enrolled: Place(index: size, time: view.time),
                invitation: statement.invitation))
    }

    func decide(_ statement: RevokeStatement, note: SignedNote, view: RosterView) throws(RuleViolation) -> Change {
        let place = Revocation(
            place: Place(index: size, time: view.time), statement: note.hash, reason: statement.reason)
        switch statement.target {
        case .device(let id):
            guard let device = view.device(id), device.revoked == nil else {
                throw RuleViolation(.unknown, "no such device is enrolled and unrevoked")
            }
            let byRecovery = try verifyRevoker(note, device: device, view: view)
            let left = view.liveAdminMembers(without: id)
            guard byRecovery || left.count >= view.quorum || left.count == view.liveAdminMembers.count else {
                throw RuleViolation(.tooFewAdmins, "revoking this device needs the recovery key")
            }
            return .revokeDevice(id, place)
        case .invitation(let id):
            guard let invitation = view.invitation(id), invitation.used == nil, invitation.revoked == nil else {
                throw RuleViolation(.unknown, "no such unused invitation")
            }
            try verifyAdmin(note, view: view)
            return .revokeInvitation(id, place)
        case .statement(let hash):
            let recovery = view.recoveryKey
            if note.signatures.map(\.name) == ["recovery"], let recovery {
                try Self.verify(note, by: [NoteKey(recovery: recovery.signing)])
            } else {
                try verifyAdmin(note, view: view)
            }
            guard view.pendingAuditKey?.statement == hash || view.pendingRecoveryKey?.statement == hash else {
                throw RuleViolation(.unknown, "no key change of that statement waits")
            }
            return .void(hash)
        }
    }

    func decide(_ statement: AdminsStatement, note: SignedNote, view: RosterView) throws(RuleViolation) -> Change {
        guard statement.replaces == view.adminVersion.statement else {
            throw RuleViolation(.stale, "the current admins statement is another")
        }
        let byRecovery = note.signatures.map(\.name) == ["recovery"]
        if byRecovery, let recovery = view.recoveryKey {
            try Self.verify(note, by: [NoteKey(recovery: recovery.signing)])
        } else {
            try verifyQuorum(note, view: view)
        }
        for (device, member) in statement.admins {
            guard let record = view.liveDevice(device), record.member == member else {
                throw RuleViolation(.unknown, "an admin device is not a live device of that member")
            }
        }
        let adminMembers = Set(statement.admins.values)
        guard statement.quorum >= 1, statement.quorum <= UInt64(adminMembers.count) else {
            throw RuleViolation(.tooFewAdmins, "quorum")
        }
        // One who signs for a log, or in it, is no stranger who watches it.
        guard statement.witnesses.keys.allSatisfy({ !isUsed($0.key) }) else {
            throw RuleViolation(.duplicate, "a witness's key")
        }
        if let recovery = statement.recovery, recovery != view.recoveryKey,
            recovery != pendingRecoveryKey(size: size, at: view.time)?.key
        {
            guard !isUsed(recovery.signing) else { throw RuleViolation(.duplicate, "recovery key") }
        }
        try checkPurposes(audit: statement.audit, recovery: statement.recovery?.encapsulation)
        return .admins(
            AdminVersion(
                place: size, admins: statement.admins, quorum: statement.quorum, statement: note.hash,
                witnesses: statement.witnesses, time: view.time),
            audit: statement.audit, auditAtOnce: view.auditKey == nil, recovery: statement.recovery,
            recoveryAtOnce: byRecovery)
    }

    /// Whoever holds the audit key must not open what is sealed to the recovery key: neither is, or ever was, the other.
    private func checkPurposes(audit: EncapsulationKey?, recovery: EncapsulationKey?) throws(RuleViolation) {
        if let audit {
            guard !hasHalfOfRecoveryKey(audit) else {
                throw RuleViolation(.duplicate, "the audit key is, or was, a recovery key")
            }
        }
        if let recovery {
            guard !hasHalfOfAuditKey(recovery) else {
                throw RuleViolation(.duplicate, "the recovery key is, or was, an audit key")
            }
        }
        if let audit, let recovery {
            guard !audit.sharesHalf(with: recovery) else {
                throw RuleViolation(.duplicate, "the audit key is the recovery key")
            }
        }
    }
}
