import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Statements

/// Which messages of the activity log are asked for, as options: those that meet everything that is given.
struct MessageFilterOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Only those to this member, by name or id.", valueName: "member"))
    var to: String?

    @Option(help: ArgumentHelp("Only those from this member, by name or id.", valueName: "member"))
    var fromMember: String?

    @Option(
        help: ArgumentHelp("Only those of this urgency: emergent, urgent, same_day or routine.", valueName: "urgency"),
        completion: .list(Urgency.allCases.map(\.rawValue)))
    var urgency: String?

    @Flag(help: "Only those that expired before anybody answered, taken up later or not.")
    var unanswered = false

    @Option(
        help: ArgumentHelp("Only those sent then or later: 03:00, 2h, 7d, or 2026-11-28T03:00:00Z.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only those sent before: 03:00, 2h, 7d, or 2026-11-28T03:00:00Z.", valueName: "time"))
    var until: String?

    /// What the options say, before anything is asked; of whom, ``named(_:_:)`` adds.
    ///
    /// Once in a command: a time of the clock that is read again after a long audit may be another day's.
    /// - Throws: ``DeviceKitError`` of category `usage`.
    func parsed(_ window: TimeWindow) throws(DeviceKitError) -> MessageFilter {
        var filter = MessageFilter()
        if let urgency {
            guard let known = Urgency(rawValue: urgency) else {
                throw DeviceKitError(
                    "bad_urgency", .usage, "there is no urgency \"\(urgency)\"",
                    next: "choose one of emergent, urgent, same_day, routine")
            }
            filter.urgency = known
        }
        filter.isUnanswered = unanswered
        (filter.since, filter.until) = (window.since, window.until)
        return filter
    }

    /// - Throws: ``DeviceKitError`` of category `usage`.
    func window() throws(DeviceKitError) -> TimeWindow { try TimeWindow(since: since, until: until) }

    /// With the people that were named.
    /// - Parameter view: The roster; `nil` when none could be read, and then nobody can be named.
    /// - Throws: ``DeviceKitError`` of category `notFound`, or of `verification` without a roster.
    func named(_ parsed: MessageFilter, _ view: RosterView?) throws(DeviceKitError) -> MessageFilter {
        var filter = parsed
        filter.to = try to.map { name throws(DeviceKitError) in try Self.member(name, view) }
        filter.from = try fromMember.map { name throws(DeviceKitError) in try Self.member(name, view) }
        return filter
    }

    /// What to know of others who had the names that are asked for.
    func notes(_ view: RosterView?) throws(DeviceKitError) -> [String] {
        guard let view else { return [] }
        var notes: [String] = []
        for name in [to, fromMember].compactMap({ $0 }) { notes += try NamedMember.asked(name, in: view).notes }
        return notes
    }

    private static func member(_ name: String, _ view: RosterView?) throws(DeviceKitError) -> MemberID {
        guard let view else {
            throw DeviceKitError(
                "no_roster", .verification, "the roster log cannot be read: nobody can be named",
                next: "run \"nightbell audit verify\", which says what is wrong with it")
        }
        return try NamedMember.find(name, in: view).id
    }
}

/// The same, looked up.
struct MessageFilter: Sendable {
    var to: MemberID?
    var from: MemberID?
    var urgency: Urgency?
    /// Whether only those are wanted that expired without an answer.
    var isUnanswered = false
    /// Sent then or later, by the sender's clock.
    var since: Timestamp?
    /// Sent before.
    var until: Timestamp?

    func admits(_ message: AuditedMessage) -> Bool {
        admits(
            to: message.member, from: message.senderMember, message.urgency, isUnanswered: message.isUnanswered,
            at: message.at)
    }

    func admits(
        to member: MemberID, from sender: MemberID?, _ urgency: Urgency, isUnanswered: Bool, at time: Timestamp
    ) -> Bool {
        if let to, to != member { return false }
        if let from, from != sender { return false }
        if let wanted = self.urgency, wanted != urgency { return false }
        if self.isUnanswered, !isUnanswered { return false }
        if let since, time < since { return false }
        return until.map { time < $0 } ?? true
    }
}
