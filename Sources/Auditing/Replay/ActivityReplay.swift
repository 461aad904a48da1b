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
    private let rosterRoots: PrefixRoots
    /// How much of the roster this version knows.
    private let knownRoster: UInt64
    private let wholeView: RosterView
    /// Whose each device is, by the whole roster log: almost every entry asks.
    private let memberOfDevice: [DeviceID: MemberID]
    private(set) var inForceView: RosterView
    let detail: AuditedMessage.Detail
    /// What was logged about messages before they were, where facts are kept: fallback prekeys, given out by a claim.
    var early = EarlyFacts()
    var findings: FindingList
    let store: any AuditStore
    let roots: EntryLedger
    let messages: MessageLedger
    let queues: QueueLedger
    var capsules = CapsuleAudit()
    var deadlines = Deadlines()
    var obligations: [Obligation] = []
    var subscriptions = SubscriptionLedger()
    var pageWatch = PageWatch()
    var prekeys = PrekeyLedger()
    var fill = QueueFill()
    var chains: [DeviceID: ReceiptRules.Chain] = [:]
    var accesses = AccessLedger()
    /// How many manifests were logged on each day.
    var manifests: [String: Int] = [:]
    /// The size of the roster in force; 0 before the first event.
    var inForce: UInt64 = 0 {
        didSet {
            inForceView = roster.view(size: max(inForce, 1), at: lastTime)
            liveDevices.removeAll(keepingCapacity: true)
        }
    }
    /// Of the roster in force.
    var liveDevices: [MemberID: [DeviceID]] = [:]
    /// Device revocations that no `roster` event has put in force yet.
    var revocations: ArraySlice<RosterReplay.Revocation>
    /// Every status that each member was given, in the order of the log.
    let standings: [MemberID: [RosterReplay.Standing]]
    private var statements: StatementLedger
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

    /// Begins with the log's first entry.
    init(_ rosterReplay: RosterReplay, _ roster: Roster, detail: AuditedMessage.Detail, store: any AuditStore) {
        self.roster = roster
        self.detail = detail
        self.store = store
        rosterTimes = rosterReplay.times
        rosterRoots = rosterReplay.roots
        knownRoster = rosterReplay.later ?? roster.size
        wholeView = roster.view(at: roster.lastTime)
        memberOfDevice = Self.memberOfDevice(wholeView)
        inForceView = roster.view(size: 1, at: roster.lastTime)
        revocations = rosterReplay.revocations[...]
        standings = Dictionary(grouping: rosterReplay.standings, by: \.member)
        findings = FindingList()
        statements = StatementLedger(isNew: true)
        roots = EntryLedger(store)
        messages = MessageLedger(store)
        queues = QueueLedger(store)
    }

    /// Goes on from what ``state`` wrote.
    /// - Parameter findings: Those that were made before.
    /// - Throws: ``AuditError/Code/storeDamaged``.
    init(
        _ rosterReplay: RosterReplay, _ roster: Roster, detail: AuditedMessage.Detail, store: any AuditStore,
        findings: FindingList, from state: [UInt8]
    ) throws(AuditError) {
        var reader = RecordReader(state)
        self.roster = roster
        self.detail = detail
        self.store = store
        self.findings = findings
        rosterTimes = rosterReplay.times
        rosterRoots = rosterReplay.roots
        knownRoster = rosterReplay.later ?? roster.size
        wholeView = roster.view(at: roster.lastTime)
        memberOfDevice = Self.memberOfDevice(wholeView)
        statements = StatementLedger(isNew: false)
        standings = Dictionary(grouping: rosterReplay.standings, by: \.member)
        roots = try EntryLedger(
            store, size: try reader.integer(),
            edge: try reader.list { (reader) throws(AuditError) in try reader.digest() })
        messages = try MessageLedger(store, from: &reader)
        queues = QueueLedger(store, states: try Self.queues(from: &reader))
        capsules = try CapsuleAudit(from: &reader)
        deadlines = try Deadlines(from: &reader)
        obligations = try reader.list { (reader) throws(AuditError) in try Obligation(from: &reader) }
        chains = try Self.chains(from: &reader)
        subscriptions = try SubscriptionLedger(from: &reader)
        pageWatch = try PageWatch(from: &reader)
        prekeys = try PrekeyLedger(from: &reader)
        fill = try QueueFill(from: &reader)
        early = try EarlyFacts(from: &reader)
        manifests = try Self.manifests(from: &reader)
        accesses = try AccessLedger(from: &reader)
        lastTime = try reader.time()
        let inForce = try reader.integer()
        try reader.end()
        guard inForce <= roster.size else { throw RecordReader.damaged }
        revocations = rosterReplay.revocations[...].drop { $0.index < inForce }
        inForceView = roster.view(size: max(inForce, 1), at: lastTime)
        self.inForce = inForce
    }

    /// Whose device one is, as the whole roster log gives it.
    func member(of device: DeviceID) -> MemberID? { memberOfDevice[device] }

    private static func memberOfDevice(_ view: RosterView) -> [DeviceID: MemberID] {
        Dictionary(uniqueKeysWithValues: view.allDevices.map { ($0.id, $0.member) })
    }

    /// Names, as the whole roster log gives them for the time of the entry that is being judged.
    var who: Who { Who(view: wholeView.at(lastTime)) }

    /// The roster in force at a place.
    func view(at place: Place) -> RosterView { inForceView.at(place.time) }

    /// Brings back what the store has of the things that these entries are about.
    mutating func look(for entries: ArraySlice<PreparedEntry>) throws(AuditError) {
        try statements.look(for: entries.map { $0.proof.hash }, store, roots)
        var ids: Set<MessageID> = []
        var named: [PrekeyID] = []
        for entry in entries {
            if let message = entry.message { ids.insert(message) }
            if let referred = entry.referred { ids.insert(referred) }
            switch entry.statement {
            case .success(.manifest(let manifest)): named += manifest.recipients.lazy.map { $0.prekey }
            case .success(.event(let event)):
                if case .fallback(_, _, let prekey) = event.kind { named.append(prekey) }
            default: break
            }
        }
        try messages.look(for: ids)
        try prekeys.look(for: named, store)
    }

    /// Writes to the store what is not needed in memory.
    /// - Parameter all: Whether everything is to be there: for a commit.
    /// - Throws: What the store could not do, now or before.
    mutating func flush(all: Bool) throws(AuditError) {
        if let failure = roots.failure ?? messages.failure { throw failure }
        try messages.flush(at: lastTime)
        try roots.flush()
        try queues.flush()
        try accesses.flush(to: store)
        if all || statements.isFull { try statements.flush(to: store) }
        if all || prekeys.isFull { try prekeys.flush(to: store) }
        if let failure = roots.failure ?? messages.failure { throw failure }
    }

    /// The entries before the first that is a later version's.
    func known(_ entries: [PreparedEntry]) -> ArraySlice<PreparedEntry> { entries.prefix { !isBeyond($0) } }

    /// Whether an entry is a later version's, or puts in force a roster that is: nothing from there on can be judged.
    private func isBeyond(_ entry: PreparedEntry) -> Bool {
        switch entry.statement {
        case .failure(let error): error.asksForUpdate
        case .success(.event(let event)):
            if case .roster(let size, _) = event.kind { size > knownRoster && size <= roster.size } else { false }
        default: false
        }
    }

    /// Counts an entry that is not judged: heads and checkpoints are held against the whole log all the same.
    func passOver(_ entry: PreparedEntry) {
        roots.append(leaf: entry.leaf, statement: entry.proof.hash, time: entry.time)
    }

    /// - Returns: The manifest, when this entry was a new message's with a capsule.
    mutating func take(_ entry: PreparedEntry) -> CapsuleSubject? {
        let index = roots.size
        defer { roots.append(leaf: entry.leaf, statement: entry.proof.hash, time: entry.time) }
        guard let time = entry.time else {
            find(.init(.malformed), index, "entry \(index) of the activity log is no entry")
            return nil
        }
        if time < lastTime {
            find(.init(.timeOrder), index, "entry \(index) of the activity log is older than the one before it")
        }
        early.turn(from: lastTime, to: time)
        lastTime = time
        settle(before: time)
        return judge(entry, at: Place(index: index, time: time, leaf: entry.leaf))
    }

    private mutating func judge(_ entry: PreparedEntry, at place: Place) -> CapsuleSubject? {
        let statement: PreparedEntry.Content
        do { statement = try entry.statement.get() } catch {
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
        case .manifest(let manifest):
            isNew(entry.proof.hash, place.index, "manifest", message: manifest.message)
            return judge(manifest, entry.proof, at: place)
        case .receipt(let receipt):
            isNew(entry.proof.hash, place.index, "receipt", message: receipt.message)
            judge(receipt, entry.proof, at: place)
        case .access(let access, let note):
            isNew(note.hash, place.index, "look", message: nil)
            judge(access, note, entry.proof, at: place)
        case .event(let event):
            isNew(entry.proof.hash, place.index, "event", message: event.message)
            judge(event, at: place)
        }
        return nil
    }

    private mutating func isNew(_ statement: Digest, _ index: UInt64, _ type: String, message: MessageID?) {
        guard !statements.insert(statement, entry: index) else { return }
        find(
            .init(.duplicate), index, message: message, "the \(type) of entry \(index) stands in the log a second time")
    }

    /// What a signer had seen, against both logs as they are at this place.
    func check(_ both: SeenBoth, _ proof: SignatureProof) throws(RuleViolation) {
        // What the rule asks for, and no copy of all the rest.
        let (inForce, rosterRoots, roots) = (inForce, rosterRoots, roots)
        try SeenRules.check(
            both, isSigned: { log, _ in proof.isSeenSigned(log) },
            root: { log, size in
                switch log {
                case .roster: size <= inForce ? rosterRoots.root(size: size) : nil
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

    /// The log's last entry was taken, for now.
    /// - Parameter silent: The messages of ``silent(at:)``.
    mutating func end(silent: [Int]) {
        settle(before: nil)
        for number in silent {
            messages[number].isUnexplained = true
            messages[number].isSound = false
        }
        if inForce < roster.size {
            findings.add(
                AuditFinding(
                    .rosterEventMissing, log: .roster, entries: Array((inForce..<roster.size).prefix(100)),
                    "no event of the activity log puts the roster from entry \(inForce) on in force"))
        }
    }
}
