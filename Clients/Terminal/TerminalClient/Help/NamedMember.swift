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
    ///
    /// Acts stay those of the name under which they were done: a name that nobody has now means whoever had it.
    /// - Throws: ``DeviceKitError``; for a name that is nearly right it says which may be meant.
    static func find(_ idOrName: String, in view: RosterView) throws(DeviceKitError) -> Member {
        try asked(idOrName, in: view).member
    }

    /// The same, and what to know of others who had that name; of what is said nothing has to be done where one is meant.
    static func asked(
        _ idOrName: String, in view: RosterView
    ) throws(DeviceKitError) -> (member: Member, notes: [String]) {
        let name = SafeText.line(idOrName)
        let former = TextValue(typed: idOrName).map { view.formerMembers(named: $0) } ?? []
        do throws(DeviceKitError) {
            let member = try view.member(typed: idOrName)
            let others = former.filter { $0.member != member.id }
            return (
                member,
                others.map {
                    "until \(LocalTime.full($0.until)) another member was called \"\(name)\": \($0.member), now called "
                        + "\"\(SafeText.line(view.displayName(of: $0.member)))\"; ask by that id for what they did"
                }
            )
        } catch {
            guard error.code == "no_such_member", let only = former.first, let member = view.member(only.member) else {
                throw suggesting(idOrName, among: view.members.map(\.name.description), error)
            }
            guard former.count == 1 else {
                throw DeviceKitError(
                    "ambiguous_member", .notFound,
                    "nobody is called \"\(name)\" now, and several were: "
                        + former.map { "\($0.member) until \(LocalTime.full($0.until))" }.joined(separator: ", "),
                    next: "ask by the id")
            }
            return (
                member,
                [
                    "nobody is called \"\(name)\" now: until \(LocalTime.full(only.until)) \(member.id) was, now called "
                        + "\"\(SafeText.line(member.name.description))\""
                ]
            )
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
