import Membership
import RelayAPI
import RelayStorage
import Statements

/// Whoever looks. Every organisation's recovery key bears the same name, so that the name alone is none of a quota.
struct Looker: Hashable, Sendable {
    let organisation: OrganisationID
    let signer: Access.Signer
}

/// Accepts an auditor's looks, in order; the first refused one refuses those after it.
struct AccessAcceptance: Sendable {
    private struct Signed: Sendable {
        let note: SignedNote
        let access: Access
    }

    private let accesses: [Signed]
    /// Whose they are: a batch has one signer.
    let signer: Access.Signer
    private let isWithinQuota: @Sendable (Looker, Timestamp) -> Bool

    /// Parses the batch and verifies its signatures, before it waits for a transaction.
    /// - Parameter isWithinQuota: Asked last, for each look that is not logged yet.
    /// - Throws: `StatementError` or `RuleViolation`.
    init(
        _ notes: [[UInt8]], view: RosterView,
        isWithinQuota: @escaping @Sendable (Looker, Timestamp) -> Bool
    ) throws {
        self.isWithinQuota = isWithinQuota
        let accesses = try notes.map { bytes in
            let note = try SignedNote(parsing: bytes)
            return Signed(note: note, access: try Access(parsing: note.text))
        }
        signer = accesses[0].access.signer
        for signed in accesses {
            guard signed.access.signer == signer else {
                throw RuleViolation(.notPermitted, "a batch of looks has one signer")
            }
            try AccessRules.verifySignature(signed.access, note: signed.note, view: view)
        }
        self.accesses = accesses
    }

    func write(to batch: inout Batch) throws -> WrittenStatements {
        try WrittenStatements(accesses) { signed in
            let place = try write(signed, to: &batch)
            return (place.index, place.isNew, signed.access.seen.activity.size)
        }
    }

    func answer(_ written: WrittenStatements, _ batch: Batch) throws -> ReceiptsAnswer {
        try written.answer(batch, refused: written.refused)
    }

    private func write(_ signed: Signed, to batch: inout Batch) throws -> (index: UInt64, isNew: Bool) {
        let organisation = batch.organisation
        if let index = try batch.transaction.index(ofStatement: signed.note.hash, in: .activity, of: organisation) {
            return (index, false)
        }
        try batch.check(signed.access.seen)
        var isLogged = true
        if let message = signed.access.message {
            isLogged = try batch.transaction.message(message, of: organisation) != nil
        }
        try AccessRules.checkPlace(signed.access, view: batch.view, time: batch.time) { _ in isLogged }
        guard isWithinQuota(Looker(organisation: organisation, signer: signer), batch.time) else {
            throw Problems.quota("This auditor has looked too often within an hour.", retryAfter: 600)
        }
        // It is about whoever looks: not among what the message's sender and recipients are given.
        return (try batch.appendActivity(signed.note, message: nil, isSought: true).index, true)
    }
}
