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
            let member = try memberToChange(id)
            try checkRoles(roles, for: member)
            guard member.roles.subtracting([.admin]) != roles else { return false }
            try await say(id, replacing: member, name: member.name, roles: roles)
            return true
        }
    }

    /// Whether a member may be called so, as ``rename(_:to:)`` asks before anything is signed.
    /// - Throws: ``DeviceKitError`` of category `refused` for a name that another member bears, or that nobody tells apart from
    ///   theirs; of category `usage` for one that nobody may be given (``MemberName``).
    public func checkName(_ name: TextValue, for member: Member) throws(DeviceKitError) {
        guard name != member.name else { return }
        try MemberName.check(name, besides: view.members.filter { $0.id != member.id }.map(\.name))
    }

    /// Gives a member another name, at once and for everybody; what was logged before stays under the former one. What is so
    /// already is not said again: a repeated command does no more.
    /// - Returns: Whether anything was changed.
    /// - Throws: ``DeviceKitError`` as ``checkName(_:for:)``; of category `refused` where several admins would have to sign.
    @discardableResult
    public func rename(_ id: MemberID, to name: TextValue) async throws -> Bool {
        try await onRosterInForce {
            let member = try memberToChange(id)
            try checkName(name, for: member)
            guard member.name != name else { return false }
            try await say(id, replacing: member, name: name, roles: member.roles)
            return true
        }
    }

    /// First: whoever may not is told so, also where nothing would change.
    private func memberToChange(_ id: MemberID) throws(DeviceKitError) -> Member {
        try checkAdmin()
        guard let member = view.member(id) else {
            throw DeviceKitError(
                "no_such_member", .notFound, "the organisation has no such member",
                next: "\"nightbell admin members\" lists the names")
        }
        return member
    }
}
