import Auditing
import DeviceKit
import Statements

/// Whom messages are about: what a message's own capsule names, or, where that names nobody, what the message names that it
/// answers or carries on.
struct MessageSubjects: Sendable {
    /// Whom one message is about.
    struct Subject: Sendable {
        /// As the sender wrote it.
        let patient: String
        let practice: String?
        /// The message whose capsule says it: the same one, or one that it goes back to.
        let message: MessageID
    }

    private let chains: ReferenceChains
    private let capsule: @Sendable (MessageID) throws -> IndexedCapsule?

    /// - Parameter capsule: What gives a message's capsule; `nil` for one that was not read.
    init(_ chains: ReferenceChains, capsule: @escaping @Sendable (MessageID) throws -> IndexedCapsule?) {
        self.chains = chains
        self.capsule = capsule
    }

    /// - Returns: `nil` when nobody can tell here: all that could say it names nobody, or what would have to say it is not
    ///   open.
    func subject(of message: MessageID) throws -> Subject? {
        guard let own = try capsule(message) else { return nil }
        if let subject = Self.subject(own) { return subject }
        return try own.namesNobody ? subject(behind: message) : nil
    }

    /// The same of a message whose own capsule names nobody.
    func subject(behind message: MessageID) throws -> Subject? {
        for id in chains.behind(message) {
            guard let one = try capsule(id) else { return nil }
            if let subject = Self.subject(one) { return subject }
            // Of what is closed nobody can say that it names nobody.
            guard one.namesNobody else { return nil }
        }
        return nil
    }

    private static func subject(_ capsule: IndexedCapsule) -> Subject? {
        guard let content = capsule.content, let patient = content.patient else { return nil }
        return Subject(patient: patient, practice: content.practice, message: capsule.message)
    }

    /// The messages that are about the same as these ones and name nobody themselves, each with the one that names it.
    /// - Parameter capsule: What gives a message's capsule.
    static func goingBack(
        to named: Set<MessageID>, in verdict: AuditVerdict, capsule: (MessageID) throws -> IndexedCapsule?
    ) throws -> [MessageID: MessageID] {
        var found: [MessageID: MessageID] = [:]
        // In the order of the log: what is referred to was there before.
        try verdict.forEachMessage(.none) { message in
            guard let other = message.refersTo, !named.contains(message.message),
                let root = named.contains(other) ? other : found[other],
                try capsule(message.message)?.namesNobody == true
            else { return }
            found[message.message] = root
        }
        return found
    }
}
