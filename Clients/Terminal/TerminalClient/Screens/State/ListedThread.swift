import Statements

/// A line of the list: messages that belong together, or one alone.
struct ListedThread: Sendable, Equatable {
    /// What is most pressing first; at least one.
    private(set) var messages: [ListedMessage]

    /// What the line stands in its place for: the message that waits longest, or what is newest.
    var first: ListedMessage { messages[0] }
    /// What the line is about, and what is opened: replies are read with what they answer, where that came here too.
    var opened: ListedMessage {
        messages.first(where: \.needsAnswer) ?? messages.first { !$0.isReply } ?? messages[0]
    }
    var newReplies: Int { messages.count(where: \.isNewReply) }

    func contains(_ id: MessageID) -> Bool { messages.contains { $0.id == id } }

    /// Lines for messages, which are in the list's order, and stay in it.
    static func lines(_ messages: [ListedMessage]) -> [ListedThread] {
        let roots = Set(messages.compactMap { $0.place?.root })
        guard !roots.isEmpty else { return messages.map { ListedThread(messages: [$0]) } }
        var places: [MessageID: Int] = [:]
        var lines: [ListedThread] = []
        for message in messages {
            // What does not open is nobody's answer.
            let root = message.quarantine == nil ? message.place?.root ?? message.id : message.id
            if roots.contains(root), let place = places[root] {
                lines[place].messages.append(message)
            } else {
                if roots.contains(root) { places[root] = lines.count }
                lines.append(ListedThread(messages: [message]))
            }
        }
        return lines
    }
}
