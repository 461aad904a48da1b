public import Statements
import TransparencyLog

extension Roster {
    /// Checks an entry that ends a device's rights, where its place lies behind what was replayed: for a device that is
    /// told of its end, and may fetch nothing any more.
    ///
    /// At the log's very end every rule holds. Further on, what lies between is not known: then its signer must be somebody
    /// who may decide this by the roster as it is known, and what it had seen must be this log. An admin who was named
    /// meanwhile is not known here, and counts for nothing.
    /// - Parameter index: Its place, proven by whoever asks.
    /// - Throws: ``RuleViolation``.
    public func checkEnd(_ entry: Entry, at index: UInt64, of device: DeviceID) throws(RuleViolation) {
        guard index >= size else { throw RuleViolation(.outOfBounds, "the place was replayed already") }
        let (statement, note) = try Self.parse(entry)
        let view = view(at: entry.time)
        guard let own = view.device(device) else { throw RuleViolation(.unknown, "the device") }
        if index == size {
            var next = self
            try next.append(entry)
        }
        guard statement.organisation == organisation, let seen = statement.seen else {
            throw RuleViolation(.wrongOrganisation, "the statement is of another organisation")
        }
        guard entry.time >= lastTime else { throw RuleViolation(.timeOrder, "entry times decrease") }
        try ClockRules.check(at: statement.at, entryTime: entry.time, signatures: note.signatures.count)
        guard seen.size <= index, logKey(.roster).verifies(seen) else {
            throw RuleViolation(.seenUnsigned, "seen roster is not signed by this log")
        }
        guard seen.size > size || root(size: seen.size) == seen.root else {
            throw RuleViolation(.seenContradicts, "seen roster is signed and is not a prefix of this log")
        }
        switch statement {
        case .revoke(let revoke) where revoke.target == .device(device):
            _ = try verifyRevoker(note, device: own, view: view)
        case .member(let member) where member.member == own.member && member.status == .suspended:
            if member.roles.isDisjoint(with: [.auditor, .gateway]) {
                try verifyAdmin(note, view: view)
            } else {
                try verifyQuorum(note, view: view)
            }
        default: throw RuleViolation(.unknown, "the statement does not end this device")
        }
    }
}
