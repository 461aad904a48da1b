import Statements

/// Who sits at the screen, and where.
struct ScreenPerson: Sendable, Equatable {
    let member: String
    let roles: [String]
    let organisation: String
    let relay: String
    /// How soon what is not answered comes back and moves on.
    let policy: Policy
}
