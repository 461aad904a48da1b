import Membership
import Secrets
import Statements

/// Holds signed heads against the logs. A head is the relay's word on the present at its time, so it must know of every
/// entry with an earlier time, name true roots, and give the asking device's queue as the log makes it.
///
/// A relay that hid a revocation, dropped an item from a queue, withheld a tail or kept two histories has signed a false
/// one. Heads of one lie come by the hundred: they are told as one finding.
struct HeadWatch {
    private enum Word: Hashable {
        case size(LogKind)
        case root(LogKind)
        case end(LogKind)
        case early(LogKind)
        case fork(LogKind)
        case shorter(LogKind)
        case queue(DeviceID)
    }

    /// The same word, contradicted by the same entry.
    private struct Lie: Hashable {
        let word: Word
        let entry: UInt64
    }

    private struct Told {
        let order: Int
        let head: Head
        /// The last one before whose word on the same was true: the lie is told from there on.
        let truth: Head?
        let entries: [UInt64]
        let entryTime: Timestamp?
        var count = 1
    }

    /// By the activity log's size.
    private let heads: [Head]
    /// As they were signed.
    private let notes: [[UInt8]: [UInt8]]
    private var lies: [Lie: Told] = [:]
    /// Heads that a log contradicts.
    private var liars: [Head] = []
    /// How far each device's queue was as a head said, and that head.
    private var lastTrue: [DeviceID: (number: UInt64, head: Head)] = [:]

    init(_ signed: [KeptHeads.Signed]) {
        heads = signed.map(\.head).sorted {
            ($0.activity.size, $0.time) < ($1.activity.size, $1.time)
        }
        notes = Dictionary(signed.map { ($0.head.text, $0.note) }, uniquingKeysWith: { first, _ in first })
    }

    /// The contradicted heads, as they were signed: a later audit tells of them again. At most 1,000, and one of each lie, behind
    /// the true one that it is told from, before those that only say it once more.
    var contradicted: [[UInt8]] {
        let first = lies.values.sorted { $0.order < $1.order }.flatMap { [$0.truth, $0.head].compactMap(\.self) }
        var texts: Set<[UInt8]> = []
        return (first + liars).map(\.text).filter { texts.insert($0).inserted }.prefix(FindingList.limit)
            .compactMap { notes[$0] }
    }

    // MARK: Roster

    /// Holds every head against the whole roster log.
    /// - Parameter isPresent: Whether the log is what the relay shows now, so that no head can be of a longer one.
    mutating func check(_ roster: Roster, times: [Timestamp], isPresent: Bool) {
        if !isPresent { compare(.roster, beyond: roster.size) }
        for head in heads {
            let size = head.roster.size
            guard let root = roster.root(size: size) else {
                if isPresent { tell(.end(.roster), head, entries: [], time: nil, at: roster.size) }
                continue
            }
            if root != head.roster.root {
                tell(.root(.roster), head, entries: Self.last(of: size), time: nil, at: size)
            }
            if size < roster.size, times[Int(size)] < head.time {
                tell(.size(.roster), head, entries: [size], time: times[Int(size)], at: size)
            }
            if size > 0 { check(head, of: .roster, last: times[Int(size) - 1], at: size) }
        }
    }

    // MARK: Activity

    /// Holds every head against the whole activity log.
    /// - Parameter judged: How many of its entries were: queues are known so far.
    /// - Throws: ``AuditError`` when what was kept of the log cannot be read.
    mutating func check(_ entries: EntryLedger, _ queues: QueueLedger, judged: UInt64) throws(AuditError) {
        var walks: [DeviceID: QueueWalk] = [:]
        var rest = heads[...]
        while let size = rest.first?.activity.size, size <= entries.size {
            let alike = rest.prefix { $0.activity.size == size }
            rest = rest.dropFirst(alike.count)
            if size > 0 {
                let root = entries.root(size: size)
                for head in alike {
                    if let last = entries.record(size - 1)?.time { check(head, of: .activity, last: last, at: size) }
                    if head.activity.root != root {
                        tell(.root(.activity), head, entries: Self.last(of: size), time: nil, at: size)
                    } else if size <= judged, let device = head.device {
                        try check(device, of: head, entries, queues, &walks)
                    }
                }
            }
            // What has no time contradicts nobody.
            guard let next = entries.record(size)?.time else { continue }
            for head in alike where next < head.time {
                tell(.size(.activity), head, entries: [size], time: next, at: size)
            }
        }
        if let failure = entries.failure { throw failure }
    }

    private mutating func check(
        _ state: Head.DeviceState, of head: Head, _ entries: EntryLedger, _ queues: QueueLedger,
        _ walks: inout [DeviceID: QueueWalk]
    ) throws(AuditError) {
        let device = state.device
        if walks[device] == nil { walks[device] = QueueWalk(try queues.parts(of: device)) }
        let queue = walks[device]!.advance(to: head.activity.size, entries)
        guard state.lastNumber != queue.last || state.runningHash != queue.hash else {
            lastTrue[device] = (queue.last, head)
            return
        }
        let truth = lastTrue[device]
        let before = truth?.number ?? 0
        // Told once for all heads between two that are true.
        tell(
            .queue(device), head, after: truth?.head,
            entries: walks[device]!.entries(after: before, upTo: queue.last).suffix(100),
            time: nil, at: before)
    }

    /// 60 s: a head's time is read before what it says, and what it says can be so much newer, no more.
    static let readMilliseconds: Int64 = 60_000

    /// A head is of the present: it cannot know of an entry that is of a later time.
    private mutating func check(_ head: Head, of log: LogKind, last: Timestamp, at size: UInt64) {
        guard last.milliseconds(since: head.time) > Self.readMilliseconds else { return }
        tell(.early(log), head, entries: Self.last(of: size), time: last, at: size)
    }

    /// Heads of a log that is not at hand convict the relay by themselves when no log can have both.
    private mutating func compare(_ log: LogKind, beyond size: UInt64) {
        let beyond = heads.filter { Self.tree(of: $0, log).size > size }.sorted {
            (Self.tree(of: $0, log).size, $0.time) < (Self.tree(of: $1, log).size, $1.time)
        }
        guard var newest = beyond.first else { return }
        for (smaller, larger) in zip(beyond, beyond.dropFirst()) {
            let trees = (Self.tree(of: smaller, log), Self.tree(of: larger, log))
            if trees.0.size == trees.1.size, trees.0.root != trees.1.root {
                tell(.fork(log), larger, entries: [], time: smaller.time, at: trees.0.size)
            }
            if Self.tree(of: newest, log).size < trees.1.size,
                newest.time.milliseconds(since: larger.time) > Self.readMilliseconds
            {
                tell(.shorter(log), newest, entries: [], time: larger.time, at: trees.1.size)
            }
            if larger.time > newest.time { newest = larger }
        }
    }

    private static func tree(of head: Head, _ log: LogKind) -> Head.Tree {
        log == .roster ? head.roster : head.activity
    }

    /// The log ended with `size` entries.
    /// - Returns: How many heads are of a longer log, where that is no lie.
    mutating func end(_ size: UInt64, isPresent: Bool) -> Int {
        let beyond = heads.filter { $0.activity.size > size }
        guard isPresent else {
            compare(.activity, beyond: size)
            return beyond.count
        }
        for head in beyond { tell(.end(.activity), head, entries: [], time: nil, at: size) }
        return 0
    }

    /// When the relay signed heads of an activity log of this size, the earliest first: signs of its life, as entries are.
    func times(ofSize size: UInt64) -> [Timestamp] {
        let liars = Set(liars.map(\.text))
        return heads.filter { $0.activity.size == size && !liars.contains($0.text) }.map(\.time)
    }

    // MARK: Findings

    /// - Parameter entries: Looked for once a lie, however many heads say it: a queue may be long.
    private mutating func tell(
        _ word: Word, _ head: Head, after truth: Head? = nil, entries: @autoclosure () -> [UInt64], time: Timestamp?,
        at entry: UInt64
    ) {
        let lie = Lie(word: word, entry: entry)
        liars.append(head)
        guard lies[lie] == nil else {
            lies[lie]?.count += 1
            return
        }
        lies[lie] = Told(order: lies.count, head: head, truth: truth, entries: entries(), entryTime: time)
    }

    /// The entry that made a tree of this size.
    private static func last(of size: UInt64) -> [UInt64] { size == 0 ? [] : [size - 1] }

    /// With each, whether a longer log may show it no more: then it is to be kept.
    func findings(_ who: Who) -> [(finding: AuditFinding, isPassing: Bool)] {
        lies.sorted { $0.value.order < $1.value.order }.map { lie, told in
            let more = told.count > 1 ? " (and \((told.count - 1).counted("more head says", "more heads say")) so)" : ""
            let finding = AuditFinding(
                .falseHead, log: Self.log(lie.word), entries: told.entries,
                "the relay signed a false head at \(told.head.time)\(Self.asker(told.head, who)): "
                    + Self.sentence(lie, told, who) + more)
            if case .end = lie.word { return (finding, true) }
            return (finding, false)
        }
    }

    private static func log(_ word: Word) -> LogKind {
        switch word {
        case .size(let log), .root(let log), .end(let log), .early(let log), .fork(let log), .shorter(let log): log
        case .queue: .activity
        }
    }

    private static func asker(_ head: Head, _ who: Who) -> String {
        head.device.map { " for \(who.device($0.device))" } ?? ""
    }

    private static func sentence(_ lie: Lie, _ told: Told, _ who: Who) -> String {
        let head = told.head
        switch lie.word {
        case .size(let log):
            let size = tree(of: head, log).size.counted("entry", "entries")
            return
                "it says that the \(log.rawValue) log had \(size), but entry \(lie.entry) was logged before it,"
                + " at \(told.entryTime.map(\.description) ?? "")"
        case .root(let log):
            return
                "the root that it names for \(lie.entry.counted("entry", "entries")) is not this \(log.rawValue) log's: two histories"
        case .end(let log):
            let size = tree(of: head, log).size.counted("entry", "entries")
            return "it says that the \(log.rawValue) log had \(size), and now the relay shows \(lie.entry)"
        case .early(let log):
            return
                "it knows of entry \(lie.entry - 1) of the \(log.rawValue) log, which is of a later time:"
                + " \(told.entryTime.map(\.description) ?? "")"
        case .fork(let log):
            return
                "for \(lie.entry.counted("entry", "entries")) of the \(log.rawValue) log it names another root than its head of"
                + " \(told.entryTime.map(\.description) ?? ""): two histories"
        case .shorter(let log):
            let size = tree(of: head, log).size.counted("entry", "entries")
            return
                "it says that the \(log.rawValue) log had \(size), and its earlier head of"
                + " \(told.entryTime.map(\.description) ?? "") says \(lie.entry)"
        case .queue(let device):
            let items = (head.device?.lastNumber ?? 0).counted("item is", "items are")
            return
                "the queue of \(who.device(device)) is not what the log makes of it: \(items) said to have been queued, and after item \(lie.entry) one was dropped, hidden or put in another's place"
        }
    }
}
