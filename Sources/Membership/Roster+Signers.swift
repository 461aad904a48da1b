import Statements

/// Who must have signed what.
extension Roster {
    static func verify(_ note: SignedNote, by keys: [NoteKey]) throws(RuleViolation) {
        do { try note.verify(exactly: keys) } catch {
            throw RuleViolation(.badSignature, "the signatures are not exactly those that the statement needs")
        }
    }

    /// One live admin device.
    func verifyAdmin(_ note: SignedNote, view: RosterView) throws(RuleViolation) {
        guard note.signatures.count == 1 else { throw RuleViolation(.badSignature, "one admin's signature is needed") }
        try Self.verify(note, by: try adminKeys(note, view: view).map { NoteKey(device: $0.key) })
    }

    /// As many distinct admin members as the quorum, ordered by device id.
    func verifyQuorum(_ note: SignedNote, view: RosterView) throws(RuleViolation) {
        let signers = try adminKeys(note, view: view)
        guard UInt64(signers.count) == view.quorum, Set(signers.map(\.member)).count == signers.count else {
            throw RuleViolation(.badSignature, "the signatures of exactly \(view.quorum) admin members are needed")
        }
        try Self.verifyOrder(signers)
        try Self.verify(note, by: signers.map { NoteKey(device: $0.key) })
    }

    /// An admin; and, when the member ever had a device, also one of its live ones, or the quorum.
    func verifyInvitationSigners(
        _ note: SignedNote, member: MemberID, view: RosterView
    ) throws(RuleViolation) {
        let hadDevice = view.hasEverHadDevice(member)
        let names = note.signatures.map(\.name)
        if !hadDevice { return try verifyAdmin(note, view: view) }
        if names.count == 1, let id = DeviceID(names[0]), view.isAdmin(id), view.device(id)?.member == member {
            return try verifyAdmin(note, view: view)
        }
        if names.count == 2, let first = DeviceID(names[0]), let second = DeviceID(names[1]) {
            // The table's order: the admin, then the member's device.
            if view.isAdmin(first), let admin = view.liveDevice(first), let own = view.liveDevice(second),
                own.member == member, first != second, !(view.quorum == 2 && view.isAdmin(second))
            {
                return try Self.verify(note, by: [NoteKey(device: admin.key), NoteKey(device: own.key)])
            }
        }
        try verifyQuorum(note, view: view)
    }

    /// - Returns: Whether the recovery key signed.
    func verifyRevoker(_ note: SignedNote, device: Device, view: RosterView) throws(RuleViolation) -> Bool {
        guard note.signatures.count == 1 else { throw RuleViolation(.badSignature, "one signature is needed") }
        let name = note.signatures[0].name
        if name == "recovery", let recovery = view.recoveryKey {
            try Self.verify(note, by: [NoteKey(recovery: recovery.signing)])
            return true
        }
        if name == device.id.description, view.liveDevice(device.id) != nil {
            try Self.verify(note, by: [NoteKey(device: device.key)])
            return false
        }
        try verifyAdmin(note, view: view)
        return false
    }

    private func adminKeys(_ note: SignedNote, view: RosterView) throws(RuleViolation) -> [Device] {
        var signers: [Device] = []
        for signature in note.signatures {
            guard let id = DeviceID(signature.name), let device = view.device(id) else {
                throw RuleViolation(.notPermitted, "the signer is no device of this organisation")
            }
            guard view.liveDevice(id) != nil else {
                throw RuleViolation(.signerRevoked, "the signer is revoked or suspended")
            }
            guard view.isAdmin(id) else { throw RuleViolation(.notPermitted, "the signer is no admin") }
            signers.append(device)
        }
        return signers
    }

    private static func verifyOrder(_ signers: [Device]) throws(RuleViolation) {
        for (left, right) in zip(signers, signers.dropFirst()) where left.id >= right.id {
            throw RuleViolation(.badSignature, "signatures are not ordered by device id")
        }
    }
}
