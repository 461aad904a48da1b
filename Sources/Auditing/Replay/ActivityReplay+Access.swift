import Membership
public import Statements

/// A look that stands in the log.
public struct AuditedAccess: Sendable {
    public let index: UInt64
    /// Log time.
    public let logged: Timestamp
    public let access: Access
    /// Whose device looked; `nil` for the recovery key and for a device that is in no roster.
    public let member: MemberID?
    /// Whether no rule was broken.
    public let isSound: Bool
}

extension ActivityReplay {
    mutating func judge(_ access: Access, _ note: SignedNote, _ proof: SignatureProof, at place: Place) {
        let view = view(at: place)
        let messages = messages
        var isSound = true
        do {
            try AccessRules.check(access, note: note, view: view, time: place.time) { messages.place(of: $0) != nil }
            try check(access.seen, proof)
        } catch {
            isSound = false
            find(
                .init(error.code), place.index,
                "the look of entry \(place.index) by \(looker(access.signer)) breaks a rule, and the relay accepted it:"
                    + " \(error.part)")
        }
        var member: MemberID?
        if case .device(let device) = access.signer { member = view.device(device)?.member }
        accesses.add(
            AuditedAccess(
                index: place.index, logged: place.time, access: access, member: member, isSound: isSound))
    }

    private func looker(_ signer: Access.Signer) -> String {
        switch signer {
        case .device(let device): who.device(device)
        case .recovery: "the recovery key"
        }
    }
}
