public import Membership
import Statements

/// Whom a person names.
extension RosterView {
    /// How many of those are named that a beginning may mean.
    private static let mostNamed = 5

    /// The member of this id or name, or of the only id that begins so.
    ///
    /// A beginning is taken for one only with the prefix and ``Identifier/leastTyped`` characters behind it: a name may begin
    /// as it likes. A name that somebody had once selects nobody: what is said of it goes along.
    /// - Parameter next: What to do where there is none.
    /// - Throws: ``DeviceKitError`` of category `notFound` when there is none or more than one.
    public func member(
        typed text: String, next: String = "\"nightbell admin members\" lists the names"
    ) throws(DeviceKitError) -> Member {
        if let id = MemberID(text), let found = member(id) { return found }
        if let found = TextValue(typed: text).flatMap({ member(named: $0) }) { return found }
        let isBeginning = text.hasPrefix("\(MemberKind.prefix)") && MemberID.isLongEnough(text)
        let found = isBeginning ? members.filter { $0.id.description.hasPrefix(text) } : []
        if let member = found.first, found.count == 1 { return member }
        throw found.isEmpty
            ? DeviceKitError(
                "no_such_member", .notFound, "the organisation has no member of the name or id \"\(text)\"",
                next: formerWords(text).map { "\($0); \(next)" } ?? next)
            : DeviceKitError(
                "ambiguous_member", .notFound,
                "several members' ids begin with \"\(text)\": "
                    + Self.list(found.map { "\($0.id) (\($0.name))" }),
                next: "type more of the id, or the name")
    }

    /// Who had a name that nobody has now; `nil` where nobody ever had it.
    private func formerWords(_ text: String) -> String? {
        let former = TextValue(typed: text).map { formerMembers(named: $0) } ?? []
        guard !former.isEmpty else { return nil }
        return "so was called before: " + Self.list(former.map { "\(displayName(of: $0.member)) (\($0.member))" })
    }

    /// The device of this id, or of the only id that begins so.
    /// - Throws: ``DeviceKitError`` of category `usage` for no text, `notFound` when there is none or more than one.
    public func device(beginning typed: String) throws(DeviceKitError) -> Device {
        guard !typed.isEmpty else {
            throw DeviceKitError(
                "empty_id", .usage, "no device is named: the id that was given is empty",
                next: "name a device by its id, or by the beginning of it: \"nightbell admin devices\" lists the ids")
        }
        let beginning = DeviceID.beginning(typed)
        let found = allDevices.filter { $0.id.description.hasPrefix(beginning) }
        guard let device = found.first, found.count == 1 else {
            throw DeviceKitError(
                found.isEmpty ? "no_such_device" : "ambiguous_device", .notFound,
                found.isEmpty
                    ? "the organisation has no device \"\(typed)\""
                    : "several devices' ids begin with \"\(typed)\": "
                        + Self.list(found.map { "\($0.id) (\(displayName(of: $0.member)))" }),
                next: found.isEmpty
                    ? "look at the ids with \"nightbell admin devices\""
                    : "type more of the id; \"nightbell admin devices\" lists them")
        }
        return device
    }

    private static func list(_ candidates: [String]) -> String {
        candidates.prefix(mostNamed).joined(separator: ", ") + (candidates.count > mostNamed ? " and others" : "")
    }
}
