public import Statements

/// Whom the messages of a report are about, as their capsules say: only in a report that was asked for with a reason.
public struct ReportSubjects: Sendable {
    /// What a capsule names; a sender wrote it.
    public struct Subject: Hashable, Sendable {
        public let patient: String?
        public let practice: String?

        public init(patient: String?, practice: String?) {
            self.patient = patient
            self.practice = practice
        }
    }

    /// The look's entry of the activity log: it stood there before a capsule was opened.
    public let look: UInt64
    public let reason: AccessReason
    private let subject: @Sendable (MessageID) throws -> Subject?

    /// - Parameter subject: Of one message; `nil` when its capsule did not open. Asked for each as it is written: they do not
    ///   fit into memory together.
    public init(look: UInt64, reason: AccessReason, _ subject: @escaping @Sendable (MessageID) throws -> Subject?) {
        self.look = look
        self.reason = reason
        self.subject = subject
    }

    /// - Throws: What whoever knows it throws.
    public func subject(of message: MessageID) throws -> Subject? { try subject(message) }
}
