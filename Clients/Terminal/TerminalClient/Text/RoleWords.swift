import Statements

/// Roles as people read them.
enum RoleWords {
    /// `provider, intake`.
    static func list(_ roles: Set<Role>) -> String { roles.sorted().map(\.rawValue).joined(separator: ", ") }
}
