public import Membership
import RelayAPI
import Secrets
public import Statements

/// An invitation to hand over outside the relay.
public struct IssuedInvitation: Sendable {
    /// By which it can be revoked while nobody has used it; no secret.
    public let id: InvitationID
    /// The whole text; a secret until it is used.
    public let text: String
    public let member: MemberID
    public let expires: Timestamp
    /// The roles that the member had before; `nil` for a new member.
    public let formerRoles: Set<Role>?
}

/// What became of a revocation.
public struct Revoked: Sendable {
    /// The index in the roster log of the statement that did it.
    public let index: UInt64
    /// The revocation that was there before, which stays as it is; `nil` when this one did it.
    public let before: Revocation?
}

extension DeviceSession {
    /// The member of this id or name, or of the only id that begins so.
    /// - Throws: ``DeviceKitError`` of category `notFound`; nothing is guessed.
    public func member(_ typed: String) throws(DeviceKitError) -> Member {
        try view.member(
            typed: typed,
            next: "\"nightbell admin members\" lists the names; who is not among them, an admin can invite")
    }

    /// The device of this id, or of the only id that begins so.
    /// - Throws: ``DeviceKitError`` of category `usage` or `notFound`.
    public func device(_ prefix: String) throws(DeviceKitError) -> Device { try view.device(beginning: prefix) }

    /// Invites a device: of a new member, or a further one of a member that is there.
    ///
    /// A crash after the member's statement is made good by repeating: then the member is there.
    /// - Throws: ``DeviceKitError`` of category `usage` for a name that is a member's but for case or blanks, or that
    ///   nobody may be given (``MemberName``); of category `refused` when an auditor would be anything else as well.
    public func invite(
        member name: TextValue, role: Role, lifeSeconds: Int64 = InvitationStatement.defaultLifeSeconds
    ) async throws -> IssuedInvitation {
        try await refresh()
        try checkAdmin()
        guard role != .admin else {
            throw DeviceKitError(
                "admin_by_invitation", .usage, "nobody becomes an admin by invitation",
                next: "invite with another role; admin devices are listed by an admins statement")
        }
        let former = view.member(named: name)?.roles
        let member = try await onRosterInForce { try await memberWithRole(name, role) }
        let secret = SecretBytes(random: InvitationText.secretByteCount)
        let invitation = InvitationText(relay: identity.relay, organisation: identity.organisation, secret: secret)
        let now = connection.clock.now()
        let statement = InvitationStatement(
            organisation: identity.organisation, seen: seen(.roster), at: now, member: member,
            key: invitation.key().verifyingKey, expires: now.adding(seconds: lifeSeconds))
        _ = try await post(roster: signed(statement))
        return IssuedInvitation(
            id: statement.invitation, text: invitation.exposed(), member: member, expires: statement.expires,
            formerRoles: former)
    }

    /// Whether somebody of this name may be invited with this role, as ``invite(member:role:lifeSeconds:)`` asks before anything
    /// is signed.
    /// - Throws: ``DeviceKitError`` of category `refused` when an auditor would be anything else as well.
    public func checkInvitation(_ role: Role, for name: TextValue) throws(DeviceKitError) {
        guard let member = view.member(named: name) else { return }
        try AuditorAlone.checkInvitation(role, for: name, whoIs: member.roles)
    }

    private func memberWithRole(_ name: TextValue, _ role: Role) async throws -> MemberID {
        let current = view.member(named: name)
        try checkInvitation(role, for: name)
        if let current, current.roles.contains(role) { return current.id }
        if current == nil {
            try MemberName.check(name)
            try AlikeNames.check(name, among: view.members.map(\.name))
        }
        let id = current?.id ?? MemberID.random()
        try await say(id, replacing: current, name: name, roles: (current?.roles ?? []).union([role]))
        return id
    }

    /// Posts what a member is from now on.
    /// - Parameters:
    ///   - former: What the member is now; `nil` for a new one.
    ///   - roles: All of them. Rights of an admin's devices are none that a statement gives, and stay.
    /// - Throws: ``DeviceKitError`` of category `refused` where several admins would have to sign.
    func say(_ id: MemberID, replacing former: Member?, name: TextValue, roles: Set<Role>) async throws {
        try checkQuorum(needed: !roles.isDisjoint(with: [.auditor, .gateway]))
        let statement = MemberStatement(
            organisation: identity.organisation, seen: seen(.roster), at: connection.clock.now(),
            replaces: former?.statement, member: id, name: name, roles: roles.subtracting([.admin]),
            status: former?.status ?? .active)
        _ = try await post(roster: signed(statement))
    }

    /// Revokes a device or an invitation. What is revoked already stays as it is: a repeated command does no more.
    @discardableResult
    public func revoke(_ target: RevokeStatement.Target, reason: TextValue) async throws -> Revoked {
        try await refresh()
        return try await onRosterInForce { try await revokeUnlessDone(target, reason: reason) }
    }

    private func revokeUnlessDone(_ target: RevokeStatement.Target, reason: TextValue) async throws -> Revoked {
        let revoked: Revocation?
        switch target {
        case .device(let id): revoked = view.device(id)?.revoked
        case .invitation(let id):
            guard let invitation = view.invitation(id) else {
                throw DeviceKitError(
                    "no_such_invitation", .notFound, "the organisation never issued such an invitation",
                    next: "check the id; an invitation that was used is revoked by its device")
            }
            revoked = invitation.revoked
        case .statement: revoked = nil
        }
        if let revoked { return Revoked(index: revoked.place.index, before: revoked) }
        let statement = RevokeStatement(
            organisation: identity.organisation, seen: seen(.roster), at: connection.clock.now(), target: target,
            reason: reason)
        do {
            return Revoked(index: try await post(roster: signed(statement)), before: nil)
        } catch let refusal as RelayRefusal where target == .device(identity.device) {
            // From here on the relay tells this device nothing but its revocation, proven: that is what was asked for.
            guard let logged = refusal.problem.statement, isRevocationProven(by: refusal.problem) else { throw refusal }
            return Revoked(index: logged.index, before: nil)
        }
    }

    /// Refuses early, in words, what every verifier would refuse.
    /// - Throws: ``DeviceKitError`` of category `refused` when this device is none of a live admin.
    public func checkAdmin() throws(DeviceKitError) {
        guard view.isAdmin(identity.device), view.liveDevice(identity.device) != nil else {
            throw DeviceKitError(
                "not_admin", .refused, "this device is no admin device", next: "use the profile of an admin device")
        }
    }

    func checkQuorum(needed: Bool = true) throws(DeviceKitError) {
        guard !needed || view.quorum == 1 else {
            throw DeviceKitError(
                "quorum_needed", .refused, "this needs the signatures of \(view.quorum) admin members",
                next: "this version collects no signatures of several admins")
        }
    }

    /// Posts an `admins` statement that says anew what is said already, but for one of these.
    func postAdmins(audit: EncapsulationKey? = nil, witnesses: WitnessPolicy? = nil) async throws {
        let statement = AdminsStatement(
            organisation: identity.organisation, seen: seen(.roster), at: connection.clock.now(),
            replaces: view.adminsStatement, admins: view.adminDevices.filter { view.liveDevice($0.key) != nil },
            quorum: UInt64(view.quorum), audit: audit ?? view.auditKey, recovery: view.recoveryKey,
            witnesses: witnesses ?? view.witnesses)
        _ = try await post(roster: signed(statement))
    }
}
