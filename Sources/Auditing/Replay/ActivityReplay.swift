import Membership
import Secrets
import Statements
import TransparencyLog

/// The activity log from its first entry, under the roster that is in force at each place.
///
/// Every entry is judged where it stands; what must follow is remembered until it has come or its time is over. After a
/// finding the replay goes on with what an honest log would most likely have meant, so that one lie is told once.
struct ActivityReplay {
    /// Beyond it a receipt's own time is worth a note.
    static let receiptToleranceMilliseconds = ClockRules.toleranceMilliseconds

    let roster: Roster
    let rosterTimes: [Timestamp]
    let detail: AuditedMessage.Detail
    /// What was logged about messages before they were, where facts are kept: fallback prekeys, given out by a claim.
    var early: [MessageID: [AuditedMessage.Fact]] = [:]
    var findings: FindingList
    private(set) var roots = PrefixRoots()
    var seen: SeenLedger
    var messages = MessageLedger()
    var deadlines = Deadlines()
    var obligations: [Obligation] = []
    var queues: QueueLedger
    private(set) var heads: HeadWatch
    var chains: [DeviceID: ReceiptRules.Chain] = [:]
    /// How many manifests were logged on each day.
    var manifests: [String: Int] = [:]
    /// The size of the roster in force; 0 before the first event.
    var inForce: UInt64 = 0
    /// Device revocations that no `roster` event has put in force yet.
    var revocations: ArraySlice<RosterReplay.Revocation>
    private var statements: Set<Digest> = []
    private(set) var lastTime = Timestamp(milliseconds: 0)

    /// An `undeliverable` event that must stand in the batch of the entry that calls for it.
    struct Obligation {
        let device: DeviceID
        let message: Int
        /// The entry that calls for it.
        let index: UInt64
        let time: Timestamp
    }

    /// The entry that is being judged.
    struct Place {
        let index: UInt64
        let time: Timestamp
        let leaf: Digest
    }

    init(
        roster: Roster, rosterReplay: RosterReplay, heads: HeadWatch, detail: AuditedMessage.Detail,
        findings: FindingList
    ) {
        self.roster = roster
        rosterTimes = rosterReplay.times
        revocations = rosterReplay.revocations[...]
        self.heads = heads
        self.detail = detail
        self.findings = findings
        queues = QueueLedger(watching: heads.devices)
        seen = SeenLedger(keys: [.roster: roster.logKey(.roster), .activity: roster.logKey(.activity)])
    }

    /// Names, as the whole roster log gives them.
    var who: Who { Who(view: roster.view(at: lastTime)) }

    /// The roster in force at a place.
    func view(at place: Place) -> RosterView { roster.view(size: max(inForce, 1), at: place.time) }

    /// - Returns: The manifest, when this entry was a new message's with a capsule.
    /// - Throws: ``AuditError/Code/updateNeeded``.
    mutating func take(_ bytes: [UInt8]) throws(AuditError) -> CapsuleSubject? {
        let index = roots.size
        let leaf = MerkleTree.leafHash(bytes)
        defer {
            roots.append(leaf)
            heads.reached(roots.size, root: roots.root, queues: queues)
        }
        guard let entry = try? Entry(parsing: bytes) else {
            find(.init(.malformed), index, "entry \(index) of the activity log is no entry")
            return nil
        }
        if entry.time < lastTime {
            find(.init(.timeOrder), index, "entry \(index) of the activity log is older than the one before it")
        }
        heads.meet(index, time: entry.time)
        lastTime = entry.time
        settle(before: entry.time)
        return try judge(entry, at: Place(index: index, time: entry.time, leaf: leaf))
    }

    private mutating func judge(_ entry: Entry, at place: Place) throws(AuditError) -> CapsuleSubject? {
        let statement: ActivityStatement
        do { statement = try ActivityStatement(parsing: entry.body) } catch {
            guard error.code != .unknownType, error.code != .unsupported else {
                throw AuditError(updateNeededAt: place.index, of: .activity)
            }
            find(.init(.malformed), place.index, "entry \(place.index) cannot be read (\(error))")
            return nil
        }
        if inForce == 0 {
            if case .event(let event) = statement, case .roster = event.kind {
                // The first event puts the first roster in force, below.
            } else {
                find(
                    .rosterEventMissing, place.index,
                    "the activity log does not begin with the event of its first roster")
                inForce = 1
            }
        }
        switch statement {
        case .manifest(let manifest, let note):
            isNew(note.hash, place.index, "manifest", message: manifest.message)
            return judge(manifest, note: note, at: place)
        case .receipt(let receipt, let note):
            isNew(note.hash, place.index, "receipt", message: receipt.message)
            judge(receipt, note: note, at: place)
        case .event(let event):
            isNew(Digest.sha256(entry.body), place.index, "event", message: event.message)
            judge(event, at: place)
        }
        return nil
    }

    private mutating func isNew(_ statement: Digest, _ index: UInt64, _ type: String, message: MessageID?) {
        guard !statements.insert(statement).inserted else { return }
        find(
            .init(.duplicate), index, message: message, "the \(type) of entry \(index) stands in the log a second time")
    }

    /// What a signer had seen, against both logs as they are at this place.
    mutating func check(_ both: SeenBoth) throws(RuleViolation) {
        let signed = [
            LogKind.roster: seen.isSigned(.roster, both.roster), .activity: seen.isSigned(.activity, both.activity),
        ]
        let inForce = inForce
        let roots = roots
        let roster = roster
        try SeenRules.check(
            both, isSigned: { log, _ in signed[log] ?? false },
            root: { log, size in
                switch log {
                case .roster: size <= inForce ? roster.root(size: size) : nil
                case .activity: roots.root(size: size)
                }
            })
    }

    // MARK: Findings

    mutating func find(
        _ code: AuditFinding.Code, _ index: UInt64, message: MessageID? = nil, _ sentence: String
    ) {
        find(code, [index], message: message, sentence)
    }

    mutating func find(
        _ code: AuditFinding.Code, _ entries: [UInt64], message: MessageID? = nil, _ sentence: String
    ) {
        if let message { messages.doubt(message) }
        findings.add(AuditFinding(code, log: .activity, entries: Set(entries).sorted(), message: message, sentence))
    }

    /// Something to know that convicts nobody.
    mutating func note(_ code: AuditFinding.Code, _ index: UInt64, message: MessageID?, _ sentence: String) {
        findings.add(
            AuditFinding(code, severity: .note, log: .activity, entries: [index], message: message, sentence))
    }

    /// The log's last entry was taken.
    /// - Parameter isPresent: Whether this is what the relay shows now.
    mutating func end(isPresent: Bool) {
        settle(before: nil)
        if inForce < roster.size {
            findings.add(
                AuditFinding(
                    .rosterEventMissing, log: .roster, entries: Array((inForce..<roster.size).prefix(100)),
                    "no event of the activity log puts the roster from entry \(inForce) on in force"))
        }
        let beyond = heads.end(roots.size, isPresent: isPresent)
        for finding in heads.findings(who) { findings.add(finding) }
        if beyond > 0 {
            findings.add(
                AuditFinding(
                    .headBeyond, severity: .note,
                    "\(beyond) heads are of a longer activity log than the one at hand: they were not compared"))
        }
    }
}
