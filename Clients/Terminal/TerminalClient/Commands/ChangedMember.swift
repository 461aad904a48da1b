import DeviceKit
import Membership
import Statements

/// What the commands that change a member have in common: `admin roles` and `admin rename`.
enum ChangedMember {
    /// Asks whoever types; a script is not asked.
    /// - Parameters:
    ///   - question: `nil` for what is so already.
    ///   - otherwise: What is true for whoever says no.
    static func confirm(_ question: String?, _ console: Console, otherwise: String) throws(DeviceKitError) {
        guard !console.isJSON, Input.isTerminal, let question else { return }
        guard console.confirms(question) else {
            throw DeviceKitError(
                "not_changed", .failed, otherwise, next: "look at who is what: nightbell admin members")
        }
    }

    /// - Parameter isNew: Whether anything was changed.
    static func document(_ member: Member, isNew: Bool) -> JSONValue {
        [
            "member": .text(member.id), "name": .text(member.name),
            "roles": .array(member.roles.sorted().map { .string($0.rawValue) }), "changed": .bool(isNew),
        ]
    }
}
