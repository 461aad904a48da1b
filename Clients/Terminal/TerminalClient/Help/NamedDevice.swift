import DeviceKit
import Membership
import Statements

/// A device that somebody names in a command.
enum NamedDevice {
    /// The device that an audit asks about. The look is kept for ever: a single letter names nothing.
    /// - Throws: ``DeviceKitError``; for a member's name it lists that member's devices.
    static func find(_ typed: String, in view: RosterView) throws(DeviceKitError) -> Device {
        do throws(DeviceKitError) {
            let device = try view.device(beginning: typed)
            try LookedAtID.check(typed, of: DeviceID.self)
            return device
        } catch {
            guard error.code == "no_such_device", let member = try? NamedMember.find(typed, in: view) else {
                throw error
            }
            let devices = view.allDevices.filter { $0.member == member.id }
                .map { "\($0.id) (\($0.label)\($0.revoked == nil ? "" : ", revoked"))" }
            throw DeviceKitError(
                error.code, error.category, "\"\(typed)\" is a member, and a device is asked about",
                next: devices.isEmpty
                    ? "no device was ever enrolled for that member"
                    : "name one of that member's: \(devices.joined(separator: ", ")); or ask \"nightbell audit member\" about all"
            )
        }
    }
}

/// The id of what is looked at, as it was typed.
enum LookedAtID {
    /// - Throws: ``DeviceKitError`` of category `usage` for a beginning of fewer characters than nobody types by mistake.
    static func check<Kind>(_ typed: String, of _: Identifier<Kind>.Type) throws(DeviceKitError) {
        guard !Identifier<Kind>.isLongEnough(typed) else { return }
        throw DeviceKitError(
            "id_too_short", .usage, "\"\(typed)\" is too short for a look, which the log keeps for ever",
            next: "type \"\(Kind.prefix)\" and at least \(Identifier<Kind>.leastTyped) characters of the id")
    }
}
