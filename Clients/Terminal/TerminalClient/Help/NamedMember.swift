import DeviceKit
import Membership
import Statements

/// A member that somebody names in a command.
enum NamedMember {
    /// - Throws: ``DeviceKitError``; for a name that is nearly right it says which may be meant.
    static func find(_ idOrName: String, _ session: DeviceSession) throws(DeviceKitError) -> Member {
        do {
            return try session.member(idOrName)
        } catch {
            throw suggesting(idOrName, among: session.view.members.map(\.name.description), error)
        }
    }

    /// The same complaint, with the nearest name.
    static func suggesting(_ typed: String, among names: [String], _ error: DeviceKitError) -> DeviceKitError {
        guard error.code == "no_such_member",
            let near = Suggestion.nearest(to: typed, among: names.map { $0.lowercased() }),
            let name = names.first(where: { $0.lowercased() == near })
        else { return error }
        return DeviceKitError(
            error.code, error.category, error.message, next: "did you mean \"\(SafeText.line(name))\"? \(error.next)")
    }
}
