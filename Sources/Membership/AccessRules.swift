public import Statements

/// The rules of an auditor's look, at its place in the activity log.
public enum AccessRules {
    /// - Parameters:
    ///   - view: The roster in force at the look's place.
    ///   - time: The entry's.
    ///   - isLogged: Whether a message is logged before it.
    /// - Throws: ``RuleViolation``.
    public static func check(
        _ access: Access, note: SignedNote, view: RosterView, time: Timestamp, isLogged: (MessageID) -> Bool
    ) throws(RuleViolation) {
        try verifySignature(access, note: note, view: view)
        try checkPlace(access, view: view, time: time, isLogged: isLogged)
    }

    /// The signature alone.
    /// - Throws: ``RuleViolation/Code/unknown`` or ``RuleViolation/Code/badSignature``.
    public static func verifySignature(
        _ access: Access, note: SignedNote, view: RosterView
    ) throws(RuleViolation) {
        let key: NoteKey
        switch access.signer {
        case .device(let id):
            guard let device = view.device(id) else { throw RuleViolation(.unknown, "the looking device") }
            key = NoteKey(device: device.key)
        case .recovery:
            guard let recovery = view.recoveryKey else { throw RuleViolation(.unknown, "the recovery key") }
            key = NoteKey(recovery: recovery.signing)
        }
        do { try note.verify(exactly: [key]) } catch {
            throw RuleViolation(.badSignature, "the signature of the look")
        }
    }

    /// ``check(_:note:view:time:isLogged:)`` without the signature.
    /// - Throws: ``RuleViolation``.
    public static func checkPlace(
        _ access: Access, view: RosterView, time: Timestamp, isLogged: (MessageID) -> Bool
    ) throws(RuleViolation) {
        guard access.organisation == view.roster.organisation else {
            throw RuleViolation(.wrongOrganisation, "the look is of another organisation")
        }
        if case .device(let id) = access.signer {
            guard let device = view.liveDevice(id) else {
                throw RuleViolation(.signerRevoked, "the looking device is revoked or suspended")
            }
            guard view.member(device.member)?.roles.contains(.auditor) == true else {
                throw RuleViolation(.notPermitted, "only an auditor looks")
            }
        }
        try ClockRules.check(at: access.at, entryTime: time, signatures: 1)
        switch access.subject {
        case .message(let message):
            guard isLogged(message) else { throw RuleViolation(.badReference, "the message is not logged") }
        case .query(.auditKey(let key), _):
            // Under a key that nobody else has, nobody would recognise what was asked.
            guard view.wasAuditKey(key) else {
                throw RuleViolation(.unknown, "the audit key under which the question is hashed")
            }
        case .query(.device, _), .none: break
        }
    }
}

extension RosterView {
    /// Whether an `admins` statement ever named this audit key, in force or not.
    public func wasAuditKey(_ id: PrekeyID) -> Bool { roster.hasNamedAuditKey(id, size: size) }
}
