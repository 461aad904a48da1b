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
    private let subjects: [MessageID: Subject]

    /// - Parameter subjects: Of the messages whose capsules opened.
    public init(look: UInt64, reason: AccessReason, _ subjects: [MessageID: Subject]) {
        self.look = look
        self.reason = reason
        self.subjects = subjects
    }

    public subscript(_ message: MessageID) -> Subject? { subjects[message] }
}
