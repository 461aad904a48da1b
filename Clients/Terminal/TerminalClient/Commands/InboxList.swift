import DeviceKit
import Statements

/// The received messages as people read them: what needs somebody first, in the screen's order and words.
struct InboxList {
    let messages: [ListedMessage]
    /// When somebody here promised to call about what they handed on then.
    let promises: [MessageID: Timestamp]

    init(_ messages: [ListedMessage], promises: [MessageID: Timestamp] = [:]) {
        self.messages = ListedMessage.ordered(messages)
        self.promises = promises
    }

    init(_ session: DeviceSession, _ messages: [InboxMessage], _ references: InboxCommand.References) throws {
        let kept = Dictionary(
            try session.keptMessages().map { ($0.about, $0.kind) }, uniquingKeysWith: { _, last in last })
        var list = try ListedMessage.list(messages, references, session)
        if !kept.isEmpty { for place in list.indices { list[place].unsent = kept[list[place].id] } }
        var promises: [MessageID: Timestamp] = [:]
        for message in list where message.isHandedOn && message.carriedOn?.state != "closed" {
            promises[message.id] = try session.takenUp(message.id)?.promisedAt
        }
        self.init(list, promises: promises)
    }

    // MARK: Counting

    /// Messages of one urgency that are alike for whoever has to do with them.
    struct Group: Sendable, Equatable {
        let urgency: Urgency
        /// Read, and not answered.
        let isRead: Bool
        let count: Int
        /// Milliseconds until the first of them is due; below zero when it is overdue; `nil` when none can be.
        let left: Int64?
        /// Handed on from here, and not taken up.
        var isHandedOn = false
        /// Whether the one to whom it was handed on has said no.
        var isDeclined = false
        /// They answer what was sent from here, and nobody has to answer them.
        var isReply = false

        /// With the time that is left, where it presses.
        var words: String {
            guard let left, isRead || urgency <= .urgent else { return wordsWithoutTime }
            return wordsWithoutTime
                + (left > 0 ? " (\(WallClock.span(left)) left)" : " (OVERDUE by \(WallClock.span(-left)))")
        }

        var wordsWithoutTime: String {
            let name = urgency <= .urgent ? MessageWords.urgency(urgency) : urgency.words
            if isDeclined { return "\(count) \(name) DECLINED, YOURS AGAIN" }
            if isHandedOn { return "\(count) \(name) handed on, not taken yet" }
            if isReply { return "\(count) \(name) \(count == 1 ? "reply" : "replies") not read" }
            return "\(count) \(name) \(isRead ? "read, NOT ANSWERED" : "not read")"
        }
    }

    /// What is to be read or answered, the most pressing first.
    func groups(_ policy: Policy, now: Timestamp) -> [Group] {
        var groups: [Group] = []
        for urgency in Urgency.allCases {
            for isRead in [true, false] {
                let alike = messages.filter {
                    $0.waits && !$0.isNewReply && !$0.isHandedOnInVain && $0.urgency == urgency && $0.isNew != isRead
                }
                guard !alike.isEmpty else { continue }
                let left = alike.filter { !$0.isReply }
                    .map { AnswerTime.due($0, policy).milliseconds(since: now) }.min()
                groups.append(Group(urgency: urgency, isRead: isRead, count: alike.count, left: left))
            }
            let replies = messages.count { $0.isNewReply && $0.urgency == urgency }
            if replies > 0 {
                groups.append(Group(urgency: urgency, isRead: false, count: replies, left: nil, isReply: true))
            }
            let inVain = messages.filter { $0.isHandedOnInVain && $0.urgency == urgency }
            let declined = inVain.count(where: \.isYoursAgain)
            if declined > 0 {
                groups.append(
                    Group(
                        urgency: urgency, isRead: true, count: declined, left: nil, isHandedOn: true, isDeclined: true)
                )
            }
            let handed = inVain.filter { !$0.isYoursAgain }
            guard !handed.isEmpty else { continue }
            let left = handed.compactMap(\.carriedOn)
                .map { $0.due(urgency, policy).milliseconds(since: now) }.min()
            groups.append(
                Group(urgency: urgency, isRead: true, count: handed.count, left: left, isHandedOn: true))
        }
        return groups
    }
    /// `3 acknowledged, not closed (1 EMERGENT)`: what is in this person's hands; `nil` when nothing is.
    var notClosed: (count: Int, words: String)? {
        let taken = messages.filter(\.isTaken)
        guard let first = taken.map(\.urgency).min() else { return nil }
        let alike = taken.count { $0.urgency == first }
        let name = first <= .urgent ? MessageWords.urgency(first) : first.words
        let words =
            alike == taken.count
            ? "\(alike) \(name) acknowledged, not closed"
            : "\(taken.count) acknowledged, not closed (\(alike) \(name))"
        return (taken.count, words)
    }
}
