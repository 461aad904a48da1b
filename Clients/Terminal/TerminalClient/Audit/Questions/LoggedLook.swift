import DeviceKit
import Statements

/// A look that the activity log holds, as every answer names it.
struct LoggedLook {
    /// Its entry of the activity log.
    let entry: UInt64
    let reason: AccessReason

    /// `look` and `reason`, for every answer; both `null` where no look could be logged.
    static func describe(_ look: LoggedLook?, in object: inout JSONObject) {
        object.set("look", to: look.map { .integer($0.entry) } ?? .null)
        object.set("reason", to: .text(orNull: look?.reason.rawValue))
    }

    /// `this look is entry 812 of the activity log (patient request)`.
    var words: String { "this look is entry \(entry) of the activity log (\(LookOptions.words(reason)))" }
}
