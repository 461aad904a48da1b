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

    /// Whom an audit asks about: an export has no session, and nobody is invited for a question.
    /// - Throws: ``DeviceKitError``; for a name that is nearly right it says which may be meant.
    static func find(_ idOrName: String, in view: RosterView) throws(DeviceKitError) -> Member {
        do throws(DeviceKitError) {
            return try view.member(typed: idOrName)
        } catch {
            throw suggesting(idOrName, among: view.members.map(\.name.description), error)
        }
    }

    /// Before anybody types what goes to them: whether there is such a member, by what is known here, else by the relay's word.
    static func check(_ idOrName: String, _ session: DeviceSession) async throws {
        if (try? session.member(idOrName)) != nil { return }
        // Without a relay whoever sends hears of that.
        do { try await session.refresh() } catch let error as CancellationError { throw error } catch { return }
        _ = try find(idOrName, session)
    }

    /// The nearest name, and those of which one word is what was typed: a surname alone, or without the title.
    private static func near(_ typed: String, _ names: [String]) -> [String] {
        let words = Set(typed.lowercased().split(separator: " "))
        let nearest = Suggestion.nearest(to: typed, among: names.map { $0.lowercased() })
        return names.filter { name in
            name.lowercased() == nearest
                || name.lowercased().split(separator: " ").contains { isName($0) && words.contains($0) }
        }
        .prefix(3).map { $0 }
    }

    /// Half of a practice is called "Dr.".
    private static func isName(_ word: Substring) -> Bool { word.count > 2 && !word.hasSuffix(".") }

    /// The same complaint, with the names that are near.
    static func suggesting(_ typed: String, among names: [String], _ error: DeviceKitError) -> DeviceKitError {
        guard error.code == "no_such_member",
            case let near = near(typed, names), !near.isEmpty
        else { return error }
        let quoted = near.map { "\"\(SafeText.line($0))\"" }.joined(separator: " or ")
        return DeviceKitError(
            error.code, error.category, error.message, next: "did you mean \(quoted)? \(error.next)")
    }
}
