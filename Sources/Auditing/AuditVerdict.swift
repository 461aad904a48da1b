public import Membership
public import Statements

/// What an audit found.
public struct AuditVerdict: Sendable {
    /// Size and root of a log's checkpoint.
    public typealias Tree = Head.Tree

    /// The checkpoint's; `nil` when it could not be read.
    public internal(set) var roster: Tree?
    public internal(set) var activity: Tree?
    /// In the order in which they were made.
    public internal(set) var findings: [AuditFinding] = []
    /// Every message, in the order of the log, when ``Audit/listsMessages`` says so.
    public internal(set) var messages: [AuditedMessage] = []
    /// What became of the messages of each day.
    public internal(set) var days: [DayCount] = []
    /// How many capsules opened, and how many were left closed for want of their key.
    public internal(set) var capsulesOpened = 0
    public internal(set) var capsulesClosed = 0
    /// How many entries of the activity log an earlier audit had verified, so that this one went on behind them; 0 when it read
    /// the log from its first entry.
    public internal(set) var continued: UInt64 = 0
    /// How many signatures on the activity log's statements were verified; what was known from an earlier one is not
    /// counted.
    public internal(set) var verifications = 0
    /// How many on the roster log's, which is read whole by every audit.
    public internal(set) var rosterVerifications = 0
    /// How many kept heads were compared.
    public internal(set) var heads = 0
    /// How far witnesses vouch for both logs: what they cosigned that is a part of them. `nil` when a log could not be read.
    public internal(set) var witnesses: WitnessStanding?
    /// The time of the last entry that was read, of whichever log: what came later the logs do not tell. `nil` when no roster
    /// could be read.
    public internal(set) var lastEntry: Timestamp?
    /// As of when ``witnesses`` is judged: ``Audit/now``, or the latest time that logs and cosignatures know.
    public internal(set) var asOf: Timestamp?
    /// The roster log as far as it was accepted; `nil` when its genesis was not.
    public internal(set) var view: RosterView?
    /// The names of the keys that signed each entry of ``view``.
    var rosterSigners: [UInt64: [String]] = [:]

    init() {}

    /// Whether no promise was broken, what is at hand is what was signed, and all of it was judged.
    public var ok: Bool { !findings.contains { $0.severity != .note } }

    /// Whether the files at hand are not those that were exported: that by itself convicts nobody.
    public var isDamagedCopy: Bool { findings.contains { $0.severity == .damagedCopy } }

    /// What says that a log at hand is not the one that was signed.
    static let notWhatWasSigned: Set<AuditFinding.Code> = [
        .checkpointInvalid, .logEmpty, .entriesMissing, .rootDiffers,
    ]

    /// Whether the log itself is what was signed: then a sound message is a verified one.
    public var isWhole: Bool {
        roster != nil && activity != nil && !findings.contains { Self.notWhatWasSigned.contains($0.code) }
    }

    /// Whether the entries that the activity log's checkpoint names, whoever signed that, could be read.
    var isActivityRead = false

    /// Whether every entry that the checkpoints name could be read, be it what was signed or not.
    public var hasAllEntries: Bool {
        view != nil && isActivityRead && !findings.contains { $0.code == .entriesMissing }
    }

    public var organisation: OrganisationID? { view?.roster.organisation }

    // MARK: Looks

    /// What gives the looks; `nil` when no roster could be read.
    var accessArchive: AccessArchive?

    /// How many looks of auditors the log holds.
    public var accessCount: Int { accessArchive?.count ?? 0 }

    /// Gives every look of an auditor, in the order of the log, one after the other.
    ///
    /// For as long as the store of the audit is not used for another one.
    /// - Throws: What `body` throws, and ``AuditError`` when what was kept cannot be read.
    public func forEachAccess(_ body: (AuditedAccess) throws -> Void) throws { try accessArchive?.forEach(body) }

    /// The looks that somebody asks for, in the order of the log.
    /// - Throws: As ``forEachAccess(_:)``.
    public func accesses(where isWanted: (AuditedAccess) -> Bool = { _ in true }) throws -> [AuditedAccess] {
        var accesses: [AuditedAccess] = []
        try forEachAccess { if isWanted($0) { accesses.append($0) } }
        return accesses
    }

    // MARK: Messages

    /// What gives the messages; `nil` when no roster could be read.
    var archive: MessageArchive?
    /// About how many messages a finding was made.
    public internal(set) var unsoundCount = 0

    /// How many messages the log holds.
    public var messageCount: Int { archive?.count ?? 0 }

    /// Gives every message, in the order of the log, one after the other: a long log's do not fit into memory together.
    ///
    /// For as long as the store of the audit is not used for another one.
    /// - Parameter detail: Whose facts are given along, among those that ``Audit/detail`` kept.
    /// - Throws: What `body` throws, and ``AuditError`` when what was kept cannot be read.
    public func forEachMessage(
        _ detail: AuditedMessage.Detail = .all, _ body: (AuditedMessage) throws -> Void
    ) throws {
        try archive?.forEach { try body($0.with(detail)) }
    }

    /// Whether somebody should still get at a message and no device is left that has it: ``PeriodReport/isOutOfReach(_:)``.
    public func isOutOfReach(_ message: AuditedMessage) -> Bool {
        guard let view else { return false }
        return MessageOutcome(message).isOutOfReach(message.recipients.map(\.device)) { view.liveDevice($0) != nil }
    }
}
