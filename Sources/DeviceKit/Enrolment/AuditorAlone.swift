import Statements

/// An auditor is a member of their own: they see who wrote to whom, and nobody may write to them. Whoever answers patients' calls
/// and is made an auditor beside that is out of reach from that moment on.
enum AuditorAlone {
    /// Whether an invitation with a role may be given to somebody who has these already.
    /// - Throws: ``DeviceKitError`` of category `refused`.
    static func checkInvitation(_ role: Role, for name: TextValue, whoIs roles: Set<Role>) throws(DeviceKitError) {
        guard isMixed(roles.union([role])) else { return }
        let others = roles.subtracting([.auditor, .admin])
        let next =
            if isMixed(roles), !others.isEmpty {
                "first say which of the two \(name) is: nightbell admin roles \"\(name)\" \(list(others, " "))"
            } else {
                "invite the \(role.rawValue) under another name, for instance --member \"\(name) (\(role.rawValue))\""
            }
        throw refusal("\(name) is \(list(roles, ", "))", next)
    }

    /// Whether a member may have these roles, and no others, from now on.
    /// - Parameters:
    ///   - former: Those that the member has.
    ///   - hasJoined: Whether the member ever had a device, which holds what came with the former roles.
    /// - Throws: ``DeviceKitError`` of category `refused`.
    static func check(
        _ roles: Set<Role>, for name: TextValue, whoIs former: Set<Role>, hasJoined: Bool
    ) throws(DeviceKitError) {
        // Rights of an admin's devices stay, whatever a statement about the member says.
        let all = roles.union(former.intersection([.admin]))
        let asked = list(roles, " and ")
        if isMixed(all) {
            throw refusal(
                "\(name) would be \(list(all, " and "))",
                "invite somebody of another name as auditor: nightbell admin invite --member \"\(name) (auditor)\" --role auditor"
            )
        }
        guard hasJoined, !isMixed(former), !former.isEmpty, !roles.isEmpty,
            former.contains(.auditor) != roles.contains(.auditor)
        else { return }
        throw refusal(
            "\(name) is \(list(former, ", ")), and the devices that came with that would be \(asked)'s",
            "invite somebody of another name: nightbell admin invite --member \"\(name) (\(asked))\" --role "
                + "\(roles.sorted()[0].rawValue)")
    }

    private static func isMixed(_ roles: Set<Role>) -> Bool { roles.contains(.auditor) && roles.count > 1 }

    private static func list(_ roles: Set<Role>, _ separator: String) -> String {
        roles.sorted().map(\.rawValue).joined(separator: separator)
    }

    private static func refusal(_ who: String, _ next: String) -> DeviceKitError {
        DeviceKitError(
            "auditor_alone", .refused, "\(who), and an auditor is a member of their own, to whom nobody may write",
            next: next)
    }
}
