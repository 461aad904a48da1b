import Membership
public import Statements
public import TransparencyLog

extension DeviceSession {
    /// - Throws: ``DeviceKitError`` `not_an_auditor`: nobody else's word about what the logs hold counts as evidence.
    public func checkIsAuditor() throws {
        guard view.liveDevice(identity.device) != nil, view.member(identity.member)?.roles.contains(.auditor) == true
        else {
            throw DeviceKitError(
                "not_an_auditor", .refused,
                "evidence is signed by an auditor's device, and this device's member is none",
                next: "let an auditor make it, or ask an admin to invite you as an auditor, under another name")
        }
    }

    /// Signs what a file of evidence holds.
    /// - Parameter make: Gives the statement of this device at the time of its clock, as the relay's head corrects it.
    /// - Throws: What ``checkIsAuditor()`` throws.
    public func signed(evidence make: (DeviceID, Timestamp) -> EvidenceStatement) throws -> SignedNote {
        try checkIsAuditor()
        let statement = make(identity.device, connection.clock.now())
        precondition(statement.organisation == identity.organisation && statement.device == identity.device)
        return signed(statement)
    }

    /// The newest head kept here that is of exactly these two trees; `nil` when none is.
    public func keptHead(of roster: SignedCheckpoint, and activity: SignedCheckpoint) throws -> [UInt8]? {
        try keptHeads().last { note in
            guard let head = try? logKey(.activity).verify(head: note) else { return false }
            return head.roster == .init(size: roster.size, root: roster.root)
                && head.activity == .init(size: activity.size, root: activity.root)
        }
    }
}

/// A file that a person asked for, outside the profile.
public enum PersonsFile {
    /// - Throws: ``DeviceKitError`` when something has that name, or its folder is not there.
    public static func checkIsFree(_ path: String) throws(DeviceKitError) { try PlainFile.checkIsFree(path) }

    /// Writes a new file of mode 0600: under its name it is whole and durable, or not there.
    /// - Throws: ``DeviceKitError``, `would_overwrite` when something has that name.
    public static func write(_ bytes: [UInt8], to path: String) throws(DeviceKitError) {
        let file = try NewFile(for: path)
        try file.writer.write(bytes)
        try file.takeName()
    }
}
