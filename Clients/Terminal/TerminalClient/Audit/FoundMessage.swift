import Auditing
import DeviceKit
import Statements

/// The one message that somebody asks for by the beginning of its id.
enum FoundMessage {
    /// How many are named that a beginning may mean.
    private static let mostNamed = 5

    /// - Throws: ``DeviceKitError`` when there is none, or more than one; then it names the first of them.
    static func one(of verdict: AuditVerdict, beginning typed: String) throws -> AuditedMessage {
        let beginning = MessageID.beginning(typed)
        var found: [AuditedMessage] = []
        try verdict.forEachMessage(.beginning(beginning)) { one in
            // One more than are named is as good as a thousand.
            if !typed.isEmpty, found.count <= mostNamed, one.message.description.hasPrefix(beginning) {
                found.append(one)
            }
        }
        guard let first = found.first, found.count == 1 else {
            throw found.isEmpty
                ? DeviceKitError(
                    "no_such_message", .notFound, "the activity log holds no message \"\(typed)\"",
                    next: "look at the ids with \"nightbell audit messages\"")
                : ambiguous(typed, found, AuditReport(verdict))
        }
        return first
    }

    private static func ambiguous(
        _ typed: String, _ found: [AuditedMessage], _ report: AuditReport
    ) -> DeviceKitError {
        let named = found.prefix(mostNamed).map { message in
            "\(message.message) (\(message.urgency.words) to \(report.name(message.member, at: message.logged)), "
                + "\(LocalTime.short(message.at)))"
        }
        return DeviceKitError(
            "ambiguous_message", .notFound,
            "several messages' ids begin with \"\(typed)\": \(named.joined(separator: "; "))"
                + (found.count > mostNamed ? "; and others" : ""), next: "type more of the id")
    }
}
