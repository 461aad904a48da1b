public import Membership
import Statements

/// Whom a person names.
extension RosterView {
    /// The member of this id or name.
    public func member(idOrName text: String) -> Member? {
        if let id = MemberID(text), let found = member(id) { return found }
        return TextValue(typed: text).flatMap { member(named: $0) }
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
                found.isEmpty ? "the organisation has no such device" : "several devices' ids begin so",
                next: "look at the ids with \"nightbell admin devices\"")
        }
        return device
    }
}
