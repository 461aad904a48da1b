import DeviceKit
import Statements
import Synchronization

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

/// The looks that this process logged: they stand in the log also where nothing could be shown or written afterwards.
final class LoggedLooks: Sendable {
    static let process = LoggedLooks()

    private let entries = Mutex<[UInt64]>([])

    func add(_ entry: UInt64) { entries.withLock { $0.append(entry) } }

    /// What whoever got no answer has to know, once; `nil` where no look was logged.
    func take() -> String? {
        let logged = entries.withLock { entries in
            defer { entries = [] }
            return entries
        }
        guard !logged.isEmpty else { return nil }
        let which = logged.map(String.init).joined(separator: " and ")
        return logged.count == 1
            ? "the look is logged all the same: entry \(which) of the activity log"
            : "the looks are logged all the same: entries \(which) of the activity log"
    }
}

extension DeviceSession {
    /// Logs a look, of which the process remembers that it was logged.
    func logged(_ look: Look, reason: AccessReason) async throws -> LoggedLook {
        let entry = try await log(look, reason: reason)
        LoggedLooks.process.add(entry)
        return LoggedLook(entry: entry, reason: reason)
    }
}
