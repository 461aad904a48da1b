import DeviceStorage
import Membership
public import RelayAPI
import Statements
import TransparencyLog

extension DeviceSession {
    /// Signs nothing more once this device knows that it was revoked; what it holds is destroyed as it learns that.
    public func checkNotRevoked() throws {
        if let record = try profile.revocation() { throw record.error }
        if let revocation = view.device(identity.device)?.revoked {
            throw try erase(at: revocation.place.index, reason: revocation.reason)
        }
    }

    /// Destroys what this device holds, by an entry of the roster that it replayed itself.
    private func erase(at index: UInt64, reason: TextValue) throws -> DeviceKitError {
        let signed = checkpoints[.roster]!
        let entry = try profile.store.look { try $0.rosterEntries() }[Int(index)]
        // A checkpoint that another process moved on is none to prove by: the entry alone convinced us.
        let proof = roster.inclusionProof(index: index, size: signed.size).map {
            LogProof(index: index, path: $0, checkpoint: signed.note.bytes).bytes
        }
        return try erase(entry: entry, at: index, proof: proof ?? [], reason: reason)
    }

    private func erase(
        entry: [UInt8], at index: UInt64, proof: [UInt8], reason: TextValue
    ) throws -> DeviceKitError {
        let record = RevocationRecord(
            identity: identity, reason: reason.description, index: index, entry: entry, proof: proof,
            learned: connection.clock.now())
        try profile.erase(record)
        return record.error
    }

    /// Looks at a relay's 403: a proven revocation of this device ends its signing for good.
    ///
    /// The relay's log key alone proves nothing here, for the relay has it. What is in the roster that we replayed counts;
    /// behind its end, for a revoked device may fetch nothing, what somebody signed who may decide it. Anything else is a
    /// finding and changes nothing.
    /// - Returns: The error to show; its code is `revoked` only when that is proven.
    public func learn(from problem: Problem) -> DeviceKitError {
        guard problem.code == .revoked else { return DeviceKitError(problem) }
        if let record = try? profile.revocation() { return record.error }
        guard let logged = problem.statement else {
            return DeviceKitError(
                "revocation_unproven", .refused,
                "the relay refuses this device as revoked or suspended, and does not prove it",
                next: "try again; if it stays so, ask an admin, and the relay's operator")
        }
        do {
            guard let entry = try? Entry(parsing: Array(logged.entry.utf8)),
                let proof = try? LogProof(parsing: Array(logged.proof.utf8)), logged.log == LogKind.roster.rawValue,
                let signed = try? proof.verify(entry: entry, key: logKey(.roster))
            else { throw try unproven("its place in the roster log is not proven", logged) }
            try checkEnd(entry, at: proof.index, under: signed, logged)
            return try ended(by: entry, at: proof.index, proof: Array(logged.proof.utf8))
        } catch {
            return DeviceKitError(describing: error)
        }
    }

    /// Whether an entry that the relay signed truly is one of the roster log that we know.
    private func checkEnd(
        _ entry: Entry, at index: UInt64, under signed: SignedCheckpoint, _ logged: LoggedEntry
    ) throws {
        if index < roster.size {
            guard try profile.store.look({ try $0.rosterEntries() })[Int(index)] == entry.bytes else {
                throw try record(
                    .contradiction,
                    "the relay signed a roster log that has another entry \(index) than the one that it signed before",
                    parts: [
                        ("first", checkpoints[.roster]!.note.bytes), ("entry", entry.bytes),
                        ("proof", Array(logged.proof.utf8)),
                    ], occasion: "entry \(index)", log: .roster
                ).error
            }
            return
        }
        do {
            try roster.checkEnd(entry, at: index, of: identity.device)
            guard signed.size == roster.size + 1 else { return }
            var next = roster
            try next.append(entry)
            guard next.root == signed.root else { throw RuleViolation(.seenContradicts, "its tree is another") }
        } catch {
            throw try unproven("nobody signed it who may, as far as this device knows (\(error))", logged)
        }
    }

    private func unproven(_ cause: String, _ logged: LoggedEntry) throws -> DeviceKitError {
        try record(
            .badRevocation,
            "the relay says that this device was revoked or suspended, and shows a statement that does not: \(cause)",
            parts: [
                ("entry", Array(logged.entry.utf8)), ("proof", Array(logged.proof.utf8)),
                ("ours", checkpoints[.roster]!.note.bytes),
            ], occasion: "revocation \(roster.size)"
        ).error
    }

    /// What a proven entry says of this device.
    private func ended(by entry: Entry, at index: UInt64, proof: [UInt8]) throws -> DeviceKitError {
        switch try RosterStatement(parsing: SignedNote(parsing: entry.body).text) {
        case .revoke(let revoke) where revoke.target == .device(identity.device):
            return try erase(entry: entry.bytes, at: index, proof: proof, reason: revoke.reason)
        case .member(let member) where member.member == identity.member && member.status == .suspended:
            return DeviceKitError(
                "suspended", .refused, "this member is suspended (entry \(index) of the roster log)",
                next: "ask an admin; what waits is kept until reactivation")
        default:
            return DeviceKitError(
                "revocation_unproven", .refused,
                "the relay refuses this device, and names a statement that is about something else (entry \(index))",
                next: "try again; if it stays so, ask an admin, and the relay's operator")
        }
    }

    /// Whether a relay's 403 proves that this device is revoked; remembered then.
    func isRevocationProven(by problem: Problem) -> Bool {
        _ = learn(from: problem)
        return (try? profile.revocation()) != nil
    }
}
