import DeviceKit
import Membership
import Statements

/// The received messages as people read them: what needs somebody first, in the screen's order and words.
struct InboxList {
    let messages: [ListedMessage]

    init(_ messages: [ListedMessage]) { self.messages = messages.sorted(by: ListedMessage.isBefore) }

    init(_ session: DeviceSession, _ messages: [InboxMessage], _ references: InboxCommand.References) throws {
        let names = MemberNames(session)
        let unproven = try session.unprovenAnswers()
        let kept = Dictionary(
            try session.keptMessages().map { ($0.about, $0.kind) }, uniquingKeysWith: { _, last in last })
        self.init(
            messages.map { message in
                let id = message.message
                var listed = ListedMessage(
                    id: id, urgency: message.urgency, from: names.sender(of: message), at: message.at,
                    expires: message.expires, state: message.state, isVerified: message.isVerified,
                    quarantine: message.quarantine, unproven: unproven[id], unsent: kept[id],
                    place: references[id].map { link in
                        ListedMessage.Place(root: link.root, isReply: InboxCommand.isReply(link))
                    })
                if listed.isTaken { listed.taken = (try? session.takenUp(id)).flatMap { $0 } }
                return listed
            })
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

        /// With the time that is left, where it presses.
        var words: String {
            guard let left, isRead || urgency <= .urgent else { return wordsWithoutTime }
            return wordsWithoutTime
                + (left > 0 ? " (\(ScreenClock.span(left)) left)" : " (OVERDUE by \(ScreenClock.span(-left)))")
        }

        var wordsWithoutTime: String {
            let name = urgency <= .urgent ? urgency.rawValue.uppercased() : urgency.rawValue
            return "\(count) \(name) \(isRead ? "read, NOT ANSWERED" : "not read")"
        }
    }

    /// What is to be read or answered, the most pressing first.
    func groups(_ policy: Policy, now: Timestamp) -> [Group] {
        var groups: [Group] = []
        for urgency in Urgency.allCases {
            for isRead in [true, false] {
                let alike = messages.filter { $0.waits && $0.urgency == urgency && $0.isNew != isRead }
                guard !alike.isEmpty else { continue }
                let left = alike.filter { !$0.isReply }
                    .map { AnswerTime.due($0, policy).milliseconds(since: now) }.min()
                groups.append(Group(urgency: urgency, isRead: isRead, count: alike.count, left: left))
            }
        }
        return groups
    }
}
