import DeviceStorage
import Statements

/// The list of the received messages as it is stored. It can be read while the session waits for the relay.
public struct StoredInbox: Sendable {
    /// What was read.
    public struct Reading: Sendable {
        /// Oldest first.
        public let messages: [InboxMessage]
        let version: ListVersion
    }

    private let store: DeviceStore

    init(_ store: DeviceStore) { self.store = store }

    /// Reads the list. Opens no message: the cost is that of the list, however long the messages are.
    /// - Throws: `DeviceStorageError`.
    public func read() throws -> Reading {
        let (list, version) = try store.look { (try $0.messageList(), try $0.listVersion()) }
        return Reading(messages: try list.map(InboxMessage.init), version: version)
    }
}

extension InboxMessage {
    init(_ row: MessageListRow) throws {
        guard let id = MessageID(row.id), let summary = MessageSummary(row.summary),
            Urgency.allCases.indices.contains(row.urgency)
        else { throw DeviceStorageError(.unusable, place: "message") }
        // What is said here and not yet logged counts for nobody: a person who has answered must not read that the
        // sender knows.
        let state = summary.quarantine == nil ? row.furthest ?? MessageProgress.start : "quarantined"
        self.init(
            message: id, state: state, urgency: Urgency.allCases[row.urgency], sender: summary.sender,
            member: summary.member, at: summary.at, expires: summary.expires, isVerified: summary.isVerified,
            isSharedWithOthers: summary.isSharedWithOthers, quarantine: summary.quarantine, index: summary.entryIndex)
    }
}
