import DeviceStorage
import Membership
import RelayAPI
public import Sealing
import Secrets
public import Statements

/// A verified offer of an audit key.
public struct AuditKeyProposal: Sendable {
    public let device: DeviceID
    public let member: MemberID
    public let at: Timestamp
    public let key: EncapsulationKey
}

extension DeviceSession {
    /// On an auditor's device: makes the audit key pair, when there is none yet, and offers its public half.
    /// - Returns: The key's id, or `nil` when this member is no auditor.
    @discardableResult
    public func offerAuditKey() async throws -> PrekeyID? {
        guard view.member(identity.member)?.roles.contains(.auditor) == true else { return nil }
        var timer = StepTimer()
        let key = try auditKeyMade(&timer)
        let offer = AuditKeyOffer(
            organisation: identity.organisation, device: identity.device, at: connection.clock.now(), key: key)
        if view.auditKey != key {
            _ = try await connection.answer(
                to: .post(
                    APIPath.auditKeyOffers(identity.organisation), bytes: signed(offer).bytes,
                    type: "application/octet-stream"), signer: signer)
        }
        try log(&timer)
        return key.id
    }

    private func auditKeyMade(_ timer: inout StepTimer) throws -> EncapsulationKey {
        if let key = try withAuditKey({ $0.publicKey }) { return key }
        let key = EncapsulationPrivateKey()
        let publicKey = key.publicKey
        timer.note(.keysMade, "the audit key \(publicKey.id) was made on this device")
        let notes = timer.take()
        let time = connection.clock.now()
        let secret = key.secret()
        try durably { step, lines in
            try step.setSecret(.auditKey, to: secret)
            lines += try StepLog.append(notes, at: time, to: step).lines
        }
        return publicKey
    }

    /// Lends the audit key's private half, on the device that made it.
    public func withAuditKey<Result>(
        _ body: (borrowing EncapsulationPrivateKey) throws -> Result
    ) throws -> Result? {
        try profile.store.look { store in
            try store.withSecret(.auditKey) { secret in
                guard let key = EncapsulationPrivateKey(secret: secret) else {
                    throw DeviceStorageError(.doesNotOpen, place: "audit-key")
                }
                return try body(key)
            }
        }
    }

    /// The offers that auditors' devices signed, each verified.
    public func auditKeyProposals() async throws -> [AuditKeyProposal] {
        let answer = try await connection.answer(
            to: .get(APIPath.auditKeyOffers(identity.organisation)), signer: signer, as: AuditKeyOffers.self)
        try await refresh()
        return answer.offers.compactMap { text in
            guard let note = try? SignedNote(parsing: Array(text.utf8)),
                let offer = try? AuditKeyOffer(parsing: note.text), offer.organisation == identity.organisation,
                let device = view.liveDevice(offer.device),
                (try? note.verify(exactly: [NoteKey(device: device.key)])) != nil,
                view.member(device.member)?.roles.contains(.auditor) == true, !view.isAdmin(device.id),
                offer.key.isUsable
            else { return nil }
            return AuditKeyProposal(device: device.id, member: device.member, at: offer.at, key: offer.key)
        }
    }

    /// Sets the audit key by an `admins` statement that changes nothing else. A key that is set already, or waits to take
    /// effect, is not set again: a repeated command does no more.
    /// - Returns: When the key takes effect (one that replaces another does so after 72 hours); `nil` when it is in force.
    @discardableResult
    public func accept(_ proposal: AuditKeyProposal) async throws -> Timestamp? {
        try await onRosterInForce {
            // First: whoever may not is told so, also where nothing would change.
            try checkAdmin()
            if view.auditKey != proposal.key, view.pendingAuditKey?.key != proposal.key.id {
                try await postAuditKey(proposal.key)
            }
        }
        return view.auditKey == proposal.key ? nil : view.pendingAuditKey?.effective
    }

    private func postAuditKey(_ key: EncapsulationKey) async throws {
        try checkQuorum()
        try AuditKeyPurpose.check(key, in: view)
        guard view.pendingRecoveryKey == nil else {
            throw DeviceKitError(
                "recovery_change_pending", .tryAgain, "a change of the recovery key waits for its 72 hours",
                next: "accept the audit key when it is in effect")
        }
        try await postAdmins(audit: key)
    }
}
