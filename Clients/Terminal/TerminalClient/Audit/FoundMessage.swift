import Auditing
import DeviceKit
import Statements

/// The one message that somebody asks for by the beginning of its id.
enum FoundMessage {
    /// - Throws: ``DeviceKitError`` when there is none, or more than one.
    static func one(of verdict: AuditVerdict, beginning typed: String) throws -> AuditedMessage {
        let beginning = MessageID.beginning(typed)
        var found: [AuditedMessage] = []
        try verdict.forEachMessage(.beginning(beginning)) { one in
            // Two are as good as a thousand.
            if !typed.isEmpty, found.count < 2, one.message.description.hasPrefix(beginning) { found.append(one) }
        }
        guard let first = found.first, found.count == 1 else {
            throw DeviceKitError(
                found.isEmpty ? "no_such_message" : "ambiguous_message", .notFound,
                found.isEmpty ? "the activity log holds no such message" : "several messages' ids begin so",
                next: "look at the ids with \"nightbell audit messages\"")
        }
        return first
    }
}
