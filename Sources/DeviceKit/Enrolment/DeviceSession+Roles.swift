public import Membership
public import Statements

extension DeviceSession {
    /// Whether a member may have these roles and no others, as ``setRoles(_:of:)`` asks before anything is signed.
    /// - Throws: ``DeviceKitError`` of category `usage` for `admin`, of `refused` when an auditor would be anything else as well.
    public func checkRoles(_ roles: Set<Role>, for member: Member) throws(DeviceKitError) {
        guard !roles.contains(.admin) else {
            throw DeviceKitError(
                "admin_by_role", .usage, "nobody becomes an admin by a role",
                next: "name the other roles; what an admin's device may do stays as it is")
        }
        try AuditorAlone.check(
            roles, for: member.name, whoIs: member.roles, hasJoined: view.hasEverHadDevice(member.id))
    }

    /// Gives a member these roles and takes all others back, at once and on all devices. What is so already is not said again: a
    /// repeated command does no more. Rights of an admin's devices are not among them, and stay.
    /// - Parameter roles: May be empty: then the member is in the roster, and nothing is sent to them or by them.
    /// - Returns: Whether anything was changed.
    /// - Throws: ``DeviceKitError`` of category `usage` for `admin`, of `refused` when an auditor would be anything else as well.
    @discardableResult
    public func setRoles(_ roles: Set<Role>, of id: MemberID) async throws -> Bool {
        try await onRosterInForce {
            try checkAdmin()
            guard let member = view.member(id) else {
                throw DeviceKitError(
                    "no_such_member", .notFound, "the organisation has no such member",
                    next: "\"nightbell admin members\" lists the names")
            }
            try checkRoles(roles, for: member)
            guard member.roles.subtracting([.admin]) != roles else { return false }
            try checkQuorum(needed: !roles.isDisjoint(with: [.auditor, .gateway]))
            let statement = MemberStatement(
                organisation: identity.organisation, seen: seen(.roster), at: connection.clock.now(),
                replaces: member.statement, member: id, name: member.name, roles: roles, status: member.status)
            _ = try await post(roster: signed(statement))
            return true
        }
    }
}
