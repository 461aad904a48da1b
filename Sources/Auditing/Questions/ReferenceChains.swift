public import Statements

/// What each message answers or carries on, what that one does, and so on.
///
/// A reply, and a hand-off of a text, name no patient of their own: whom they are about is what the message names that they
/// go back to.
public struct ReferenceChains: Sendable {
    private let references: [MessageID: MessageID]

    /// Of every message of the activity log that refers to another one.
    /// - Throws: ``AuditError`` when what was kept cannot be read.
    public init(_ verdict: AuditVerdict) throws {
        var references: [MessageID: MessageID] = [:]
        try verdict.forEachMessage(.none) { message in
            if let other = message.refersTo { references[message.message] = other }
        }
        self.references = references
    }

    /// Of messages whose references are known.
    public init(_ references: [MessageID: MessageID]) { self.references = references }

    /// The messages that one goes back to, the nearest first; none of them twice, whatever a log says.
    public func behind(_ message: MessageID) -> [MessageID] {
        var found: [MessageID] = []
        var passed: Set<MessageID> = [message]
        var next = references[message]
        while let id = next, passed.insert(id).inserted {
            found.append(id)
            next = references[id]
        }
        return found
    }
}

extension AuditedMessage {
    /// The message that it answers or carries on.
    public var refersTo: MessageID? { reference?.message }
}
