import Membership
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

/// Accepts statements of the roster log. The rules are ``Membership/Roster``'s; here is what else follows from one.
struct RosterAcceptance: Sendable {
    let note: SignedNote
    let statement: RosterStatement

    /// - Throws: `StatementError`.
    init(_ bytes: [UInt8]) throws {
        note = try SignedNote(parsing: bytes)
        statement = try RosterStatement(parsing: note.text)
    }

    /// Where the statement stands; a repeated one keeps its place.
    enum Written {
        case new(UInt64)
        case old(UInt64)
    }

    func write(to batch: inout Batch) throws -> Written {
        if let index = try batch.transaction.index(ofStatement: note.hash, in: .roster, of: batch.organisation) {
            return .old(index)
        }
        let index = try batch.appendRoster(note)
        switch statement {
        case .revoke(let revoke):
            if case .device(let device) = revoke.target {
                batch.afterRosterEvent { try Self.revoke(device, by: index, in: &$0) }
            }
        case .member(let member) where member.status == .suspended:
            let id = member.member
            batch.afterRosterEvent { batch in
                for device in batch.view.allDevices where device.member == id {
                    try batch.transaction.removeRingToken(of: device.id, of: batch.organisation)
                    batch.then(.end(device.id, Problems.revoked, by: index))
                }
            }
        case .member(let member):
            let id = member.member
            // Jobs can be lost; who comes back shall miss no page for it.
            batch.afterRosterEvent { batch in
                for device in batch.view.liveDevices(of: id) { try batch.pageWhatWaits(for: device.id) }
            }
        default: break
        }
        return .new(index)
    }

    func answer(_ written: Written, _ batch: Batch) throws -> LoggedEntry {
        let seen = statement.seen?.size ?? 0
        switch written {
        case .new(let index): return try batch.logged(.roster, at: index, seen: seen)
        case .old(let index): return try batch.stored(.roster, at: index, seen: seen)
        }
    }

    /// What waits for a revoked device is destroyed, and each sender is told.
    private static func revoke(_ device: DeviceID, by index: UInt64, in batch: inout Batch) throws {
        for item in try batch.transaction.waitingEnvelopes(of: device, of: batch.organisation) {
            guard let message = try batch.transaction.message(item.message, of: batch.organisation) else { continue }
            try batch.giveUp(message, for: device, .revoked)
        }
        try batch.transaction.forgetKeys(of: device, of: batch.organisation)
        try batch.transaction.removeUploads(by: device, of: batch.organisation)
        batch.then(.end(device, Problems.revoked, by: index))
    }
}

extension Batch {
    /// An entry of this batch or from before it, with its proof under the new checkpoint. To be asked after
    /// ``seal(with:)``.
    func stored(_ log: LogKind, at index: UInt64, seen: UInt64) throws -> LoggedEntry {
        guard index < state.head(log).size, let entry = try transaction.entry(index, in: log, of: organisation) else {
            throw Problems.notFound("entry")
        }
        return try LoggedEntry(
            log: log, index: index, entry: entry, head: state.head(log), seen: seen, hashes: proofs(log))
    }
}
