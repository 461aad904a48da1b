import DeviceStorage
import Statements

extension DeviceSession {
    /// Every received message, oldest first. Opens none: the cost is that of the list, however long the messages are.
    public func inbox() throws -> [InboxMessage] {
        try profile.store.look { store in try store.messageList(order: MessageProgress.order, Self.inboxMessage) }
    }

    /// The message with this id, or the only one whose id begins so.
    public func inboxMessage(_ prefix: String) throws -> InboxMessage {
        try profile.store.look { store in
            // Nothing names nothing, however many there are.
            let ids = prefix.isEmpty ? [] : try store.messageIDs(beginningWith: MessageID.beginning(prefix), limit: 2)
            guard let id = ids.first, ids.count == 1,
                let row = try store.messageListRow(id, order: MessageProgress.order)
            else {
                throw DeviceKitError(
                    ids.count > 1 ? "ambiguous_message" : "no_such_message", .notFound,
                    ids.count > 1 ? "several messages' ids begin so" : "this device has no such message",
                    next: ids.count > 1
                        ? "type more of the id; \"nightbell inbox\" lists them"
                        : "\"nightbell inbox\" lists those it has")
            }
            return try Self.inboxMessage(row)
        }
    }

    /// Opens a stored message.
    public func open(_ message: InboxMessage) throws -> StoredMessage {
        try profile.store.look { store in
            guard let row = try store.message(message.message.description), let details = MessageDetails(row.details)
            else { throw DeviceStorageError(.unusable, place: "message") }
            return StoredMessage(
                listed: message, content: row.content, broken: details.broken, manifestHash: details.manifestHash)
        }
    }

    private static func inboxMessage(_ row: MessageListRow) throws -> InboxMessage {
        guard let id = MessageID(row.id), let summary = MessageSummary(row.summary),
            Urgency.allCases.indices.contains(row.urgency)
        else { throw DeviceStorageError(.unusable, place: "message") }
        // What is said here and not yet logged counts for nobody: a person who has answered must not read that the
        // sender knows.
        let state = summary.quarantine == nil ? row.furthest ?? MessageProgress.start : "quarantined"
        return InboxMessage(
            message: id, state: state, urgency: Urgency.allCases[row.urgency], sender: summary.sender,
            member: summary.member, at: summary.at, expires: summary.expires, isVerified: summary.isVerified,
            isSharedWithOthers: summary.isSharedWithOthers, quarantine: summary.quarantine, index: summary.entryIndex)
    }
}
