import DeviceStorage
import Membership
import Statements

extension DeviceSession {
    /// Every received message, oldest first. Opens none: the cost is that of the list, however long the messages are.
    public func inbox() throws -> [InboxMessage] { try storedInbox.read().messages }

    /// Where the list is read from.
    public var storedInbox: StoredInbox { StoredInbox(profile.store) }

    /// The list again, for whoever read it earlier: read only if it may have changed since.
    public func inbox(after earlier: StoredInbox.Reading) throws -> [InboxMessage] {
        let version = try profile.store.look { try $0.listVersion() }
        return version == earlier.version ? earlier.messages : try inbox()
    }

    /// The message with this id, or the only one whose id begins so.
    public func inboxMessage(_ prefix: String) throws -> InboxMessage {
        try profile.store.look { store in
            // Nothing names nothing, however many there are.
            let ids =
                prefix.isEmpty
                ? [] : try store.messageIDs(beginningWith: MessageID.beginning(prefix), limit: Candidates.limit)
            guard let id = ids.first, ids.count == 1,
                let row = try store.messageListRow(id)
            else {
                guard ids.isEmpty else { throw try ambiguous(ids, in: store) }
                throw DeviceKitError(
                    "no_such_message", .notFound, "this device has no such message",
                    next: "\"nightbell inbox\" lists those it has")
            }
            return try InboxMessage(row)
        }
    }

    private func ambiguous(_ ids: [String], in store: some StoreReading) throws -> DeviceKitError {
        let candidates = try ids.compactMap { id in
            try store.messageListRow(id).map { try InboxMessage($0) }.map { message in
                Candidates.words(
                    id, message.urgency, "from", message.member.flatMap { view.member($0)?.name.description },
                    message.at)
            }
        }
        return Candidates.error("several messages' ids begin so", candidates, list: "inbox")
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
}
