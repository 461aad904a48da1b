import DeviceStorage
import Secrets
public import Statements

extension DeviceSession {
    /// The thread that a message belongs to: itself alone when it has none.
    public func thread(of message: MessageID) throws -> MessageThread {
        let (root, links) = try profile.store.look { store in
            let root = try store.link(of: message.description)?.root ?? message.description
            return (root, try store.links(ofThread: root))
        }
        guard let rootID = MessageID(root) else { throw DeviceStorageError(.unusable, place: "link") }
        var references: [MessageID: Manifest.Reference] = [:]
        for link in links {
            guard let id = MessageID(link.message), let parent = MessageID(link.parent) else { continue }
            references[id] = link.isForward ? .forwardOf(parent) : .inReplyTo(parent)
        }
        let parts = try ([root] + links.map(\.message)).compactMap { try part($0) }
        return MessageThread(root: rootID, parts: parts.sorted { $0.at < $1.at }, references: references)
    }

    private func part(_ id: String) throws -> MessageThread.Part? {
        if try profile.store.look({ try $0.isStored(message: id) }) { return .received(try inboxMessage(id)) }
        if try profile.store.look({ try $0.sent(id) }) != nil { return .sent(try sentState(id)) }
        return try profile.store.look { try forward(id, in: $0) }.map { .carriedOn($0) }
    }

    /// For lists: what each message that has one answers or carries on, and the first message of its thread.
    public func references() throws -> [MessageID: (reference: Manifest.Reference, root: MessageID)] {
        var references: [MessageID: (Manifest.Reference, MessageID)] = [:]
        for link in try profile.store.look({ try $0.links() }) {
            if let id = MessageID(link.message) { references[id] = Self.reference(link) }
        }
        return references
    }

    /// The same of one message, for whoever has no list to show; `nil` when it begins a thread.
    public func reference(of message: MessageID) throws -> (reference: Manifest.Reference, root: MessageID)? {
        try profile.store.look { try $0.link(of: message.description) }.flatMap(Self.reference)
    }

    private static func reference(_ link: LinkRow) -> (reference: Manifest.Reference, root: MessageID)? {
        guard let parent = MessageID(link.parent), let root = MessageID(link.root) else { return nil }
        return (link.isForward ? .forwardOf(parent) : .inReplyTo(parent), root)
    }

    /// The time that a received reply promises.
    public func promise(of reply: MessageID) throws -> Timestamp? {
        try profile.store.look { try $0.link(of: reply.description) }?.promised.flatMap { Timestamp($0) }
    }

    /// What a message of a thread says: one that was sent from here, or received here. For whoever shows it.
    public func words(of message: MessageID) throws -> MessageContent? {
        try profile.store.look { store in
            if let content = try store.message(message.description)?.content {
                return MessageContent(plaintext: content)
            }
            return try store.sent(message.description).flatMap { Draft($0.draft) }?.content
        }
    }

    /// Whether the words of a reply belong to a receipt that its sender's device signed, and that is verified here; `nil` when
    /// they name none.
    public func namesTrueReceipt(_ reply: Reply, by device: DeviceID, answering message: MessageID) throws -> Bool? {
        guard let named = reply.receipt else { return nil }
        return try profile.store.look { store in
            try store.notices(on: message.description).contains { row in
                guard let entry = try? Entry(parsing: row.entry),
                    case .receipt(let receipt, let note)? = try? ActivityStatement(parsing: entry.body)
                else { return false }
                return receipt.device == device && note.hash == named
            }
        }
    }
}
