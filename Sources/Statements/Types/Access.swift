public import Secrets

/// An auditor's statement: a look at what the logs and capsules tell, made before anything was shown.
///
/// It says who looked, at what kind of thing, why and when; what exactly was asked it says to auditors alone. ``AccessKind``
/// says which command makes which.
public struct Access: StatementText {
    public static let type: StaticString = "nightbell.access/v1"

    /// Who looks.
    public enum Signer: Hashable, Sendable {
        case device(DeviceID)
        /// The organisation's recovery key. No program of ours looks with it: it stays offline until something has to be
        /// restored. Whoever restores with another program has a way to account for what that shows, and the relay and an
        /// audit take it.
        case recovery
    }

    /// What is looked at.
    public enum Subject: Hashable, Sendable {
        /// Nothing that could be named: a period, or every capsule.
        case none
        case message(MessageID)
        /// A keyed hash of what was asked, BLAKE2b-256: whoever holds the key recognises the same question, and nobody else
        /// can test a guess.
        case query(key: QueryKeyName, hash: Digest)
    }

    public let organisation: OrganisationID
    public let seen: SeenBoth
    public let signer: Signer
    public let kind: AccessKind
    public let subject: Subject
    public let reason: AccessReason
    public let at: Timestamp

    public init(
        organisation: OrganisationID, seen: SeenBoth, signer: Signer, kind: AccessKind, subject: Subject,
        reason: AccessReason, at: Timestamp
    ) {
        precondition(Self.fits(subject, kind, signer), "the subject is one of the kind's")
        self.organisation = organisation
        self.seen = seen
        self.signer = signer
        self.kind = kind
        self.subject = subject
        self.reason = reason
        self.at = at
    }

    /// The auditor's device; `nil` for the recovery key.
    public var device: DeviceID? { if case .device(let device) = signer { device } else { nil } }

    /// The one message that is looked at.
    public var message: MessageID? { if case .message(let message) = subject { message } else { nil } }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(from: &reader)
        let name = try reader.value("signer")
        if name.elementsEqual("recovery".utf8) {
            signer = .recovery
        } else {
            signer = .device(try TextReader.identifier(name, or: reader.error("signer")))
        }
        kind = try reader.word("kind")
        subject = try Self.subject(try reader.value("subject"), or: reader.error("subject"))
        guard Self.fits(subject, kind, signer) else { throw reader.error("subject") }
        reason = try reader.word("reason")
        at = try reader.time("at")
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(to: &writer)
        switch signer {
        case .device(let device): writer.line("signer", device)
        case .recovery: writer.line("signer", "recovery")
        }
        writer.line("kind", kind.rawValue)
        switch subject {
        case .none: writer.line("subject", "none")
        case .message(let message): writer.line("subject", "message", message)
        case .query(.auditKey(let key), let hash): writer.line("subject", "query", key, hash)
        case .query(.device(let device), let hash): writer.line("subject", "query", device, hash)
        }
        writer.line("reason", reason.rawValue)
        writer.line("at", at)
    }

    private static func subject(
        _ value: ArraySlice<UInt8>, or error: StatementError
    ) throws(StatementError) -> Subject {
        let fields = value.split(separator: Ascii.space, omittingEmptySubsequences: false)
        if fields.count == 1, fields[0].elementsEqual("none".utf8) { return .none }
        if fields.count == 2, fields[0].elementsEqual("message".utf8) {
            return .message(try TextReader.identifier(fields[1], or: error))
        }
        guard fields.count == 3, fields[0].elementsEqual("query".utf8) else { throw error }
        let hash = try TextReader.hash(fields[2], or: error)
        if let key = PrekeyID(fields[1]) { return .query(key: .auditKey(key), hash: hash) }
        return .query(key: .device(try TextReader.identifier(fields[1], or: error)), hash: hash)
    }

    /// Whether a look of this kind has such a subject. A device's own key is no other signer's.
    private static func fits(_ subject: Subject, _ kind: AccessKind, _ signer: Signer) -> Bool {
        switch (kind, subject) {
        case (.message, .message), (.evidence, .message), (.report, .none), (.capsules, .none): true
        case (.patient, .query(.auditKey, _)): true
        case (.device, .query(let key, _)), (.member, .query(let key, _)), (.breach, .query(let key, _)):
            switch key {
            case .auditKey: true
            case .device(let device): signer == .device(device)
            }
        default: false
        }
    }
}

/// Under which key a question was hashed.
public enum QueryKeyName: Hashable, Sendable {
    /// One that follows from the audit key of this id: every auditor who holds it can recognise the question.
    case auditKey(PrekeyID)
    /// One of the looking device's own, where no audit key is held.
    case device(DeviceID)
}

/// What kind of thing an auditor looked at.
///
/// Each is made by one command, before it shows anything. What tells entries of the log and nothing of a capsule, about no person
/// or device in particular, is no look: whoever may read the log has it.
public enum AccessKind: String, CaseIterable, Sendable {
    /// What one message's capsule names: `audit message --capsule`, and `audit evidence --with-capsule` before its `evidence`.
    case message
    /// Every message about one patient: `audit patient`.
    case patient
    /// What one device did: `audit device`.
    case device
    /// What one person did: `audit member`.
    case member
    /// What a device held that may be in other hands, and whose it was: `audit breach`.
    case breach
    /// A report that names patients: `audit report --patients`.
    case report
    /// One message's evidence, to be given away: `audit evidence`.
    case evidence
    /// What every capsule names: `audit messages --capsules`.
    case capsules
}

/// The closed list of reasons for a look.
public enum AccessReason: String, CaseIterable, Sendable {
    case treatment, payment, operations
    /// The patient asked who had looked.
    case patientRequest = "patient_request"
    /// A court, an authority, a lawyer.
    case legal
    /// Something happened, or may have.
    case investigation
    /// Nothing happened: it was time to look.
    case routineReview = "routine_review"
}
