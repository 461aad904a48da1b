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
        let entries: [UInt64]
        let entryTime: Timestamp?
        var count = 1
    }

    /// By the activity log's size.
    private let heads: [Head]
    private var next = 0
    private var lies: [Lie: Told] = [:]
    /// How far each device's queue was as a head said.
    private var trueUpTo: [DeviceID: UInt64] = [:]

    init(_ heads: [Head]) { self.heads = heads.sorted { ($0.activity.size, $0.time) < ($1.activity.size, $1.time) } }

    /// The devices whose queues the heads tell of.
    var devices: Set<DeviceID> { Set(heads.compactMap { $0.device?.device }) }

    var isEmpty: Bool { heads.isEmpty }

    // MARK: Roster

    /// Holds every head against the whole roster log.
    /// - Parameter isPresent: Whether the log is what the relay shows now, so that no head can be of a longer one.
    mutating func check(_ roster: Roster, times: [Timestamp], isPresent: Bool) {
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
        }
    }

    // MARK: Activity

    /// The log has come to `size` entries.
    mutating func reached(_ size: UInt64, root: Digest, queues: QueueLedger) {
        var index = next
        while index < heads.count, heads[index].activity.size == size {
            let head = heads[index]
            if head.activity.root != root {
                tell(.root(.activity), head, entries: Self.last(of: size), time: nil, at: size)
            } else if let device = head.device {
                check(device, of: head, queue: queues[device.device])
            }
            index += 1
        }
    }

    private mutating func check(_ state: Head.DeviceState, of head: Head, queue: QueueLedger.State) {
        guard state.lastNumber != queue.last || state.runningHash != queue.hash else {
            trueUpTo[state.device] = queue.last
            return
        }
        let doubtful = Array(queue.items.dropFirst(Int(trueUpTo[state.device] ?? 0)).suffix(100))
        // Told once for all heads between two that are true.
        tell(.queue(state.device), head, entries: doubtful, time: nil, at: trueUpTo[state.device] ?? 0)
    }

    /// The next entry's index and time.
    mutating func meet(_ index: UInt64, time: Timestamp) {
        while next < heads.count, heads[next].activity.size <= index {
            let head = heads[next]
            if head.activity.size == index, time < head.time {
                tell(.size(.activity), head, entries: [index], time: time, at: index)
            }
            next += 1
        }
    }

    /// The log ended with `size` entries.
    /// - Returns: How many heads are of a longer log, where that is no lie.
    mutating func end(_ size: UInt64, isPresent: Bool) -> Int {
        let beyond = heads.filter { $0.activity.size > size }
        guard isPresent else { return beyond.count }
        for head in beyond { tell(.end(.activity), head, entries: [], time: nil, at: size) }
        return 0
    }

    // MARK: Findings

    private mutating func tell(_ word: Word, _ head: Head, entries: [UInt64], time: Timestamp?, at entry: UInt64) {
        let lie = Lie(word: word, entry: entry)
        guard lies[lie] == nil else {
            lies[lie]?.count += 1
            return
        }
        lies[lie] = Told(order: lies.count, head: head, entries: entries, entryTime: time)
    }

    /// The entry that made a tree of this size.
    private static func last(of size: UInt64) -> [UInt64] { size == 0 ? [] : [size - 1] }

    func findings(_ who: Who) -> [AuditFinding] {
        lies.sorted { $0.value.order < $1.value.order }.map { lie, told in
            let more = told.count > 1 ? " (and \(told.count - 1) more heads say so)" : ""
            return AuditFinding(
                .falseHead, log: Self.log(lie.word), entries: told.entries,
                "the relay signed a false head at \(told.head.time)\(Self.asker(told.head, who)): "
                    + Self.sentence(lie, told, who) + more)
        }
    }

    private static func log(_ word: Word) -> LogKind {
        switch word {
        case .size(let log), .root(let log), .end(let log): log
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
            let size = log == .roster ? head.roster.size : head.activity.size
            return
                "it says that the \(log.rawValue) log had \(size) entries, but entry \(lie.entry) was logged before it,"
                + " at \(told.entryTime.map(\.description) ?? "")"
        case .root(let log):
            return "the root that it names for \(lie.entry) entries is not this \(log.rawValue) log's: two histories"
        case .end(let log):
            let size = log == .roster ? head.roster.size : head.activity.size
            return "it says that the \(log.rawValue) log had \(size) entries, and now the relay shows \(lie.entry)"
        case .queue(let device):
            return
                "the queue of \(who.device(device)) is not what the log makes of it: \(head.device?.lastNumber ?? 0) items"
                + " are said to have been queued, and after item \(lie.entry) one was dropped, hidden or put in another's place"
        }
    }
}
