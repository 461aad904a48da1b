import Membership
import Statements

/// Every message of the log, by its number there. Those that entries are about lately are in memory, all others in the store,
/// from where an entry about one brings it back.
///
/// What a store cannot give is kept as ``failure``: whoever judges goes on with an empty message, and the audit ends before
/// anything of it is told.
final class MessageLedger {
    /// A message in memory: an object, so that to look at one copies nothing.
    private final class Held {
        var message: AuditedMessage
        var isChanged: Bool
        /// In which stretch between two flushes it was last changed.
        var stretch: Int
        /// For which devices the store says that it waits.
        var waiting: Set<DeviceID>
        /// As what it is counted; `nil` when it is not yet.
        var counted: Counted?

        init(
            message: AuditedMessage, isChanged: Bool, stretch: Int, waiting: Set<DeviceID> = [],
            counted: Counted? = nil
        ) {
            self.message = message
            self.isChanged = isChanged
            self.stretch = stretch
            self.waiting = waiting
            self.counted = counted
        }
    }

    /// What a message counts as.
    private struct Counted: Equatable {
        let fate: DayCount.Fate?
        let marks: [MessageMark]
        let isSound: Bool

        init(_ message: AuditedMessage) {
            fate = DayCount.Fate(message)
            marks = message.marks
            isSound = message.isSound
        }
    }

    private let store: any AuditStore
    /// How many messages there are.
    private(set) var count = 0
    private(set) var failure: AuditError?
    private var held: [Int: Held] = [:]
    /// The one that was looked at last: an entry looks at its message a dozen times.
    private var latest: (number: Int, message: Held)?
    private var numbers: [MessageID: Int] = [:]
    /// Ids that were looked for and are no message's.
    private var absent: Set<MessageID> = []
    /// Members whose messages carry on one that is not logged.
    private var forwards: [MessageID: Set<MemberID>] = [:]
    /// Messages that are not held, and owe no `unanswered`, though their deadline is to come.
    private var quiet: Set<Int> = []
    private var stretch = 0
    private var dayCounts: [String: DayCount] = [:]
    private var unsound = 0

    init(_ store: any AuditStore) { self.store = store }

    // MARK: Looking up

    /// Brings messages back that are about to be judged, all at once.
    func look(for ids: Set<MessageID>) throws(AuditError) {
        absent = []
        let asked = ids.filter { numbers[$0] == nil }
        guard !asked.isEmpty else { return }
        absent = asked
        for stored in try store.messages(with: asked.map(\.bytes)) { absent.remove(try hold(stored)) }
    }

    /// The message's number; `nil` when there is none of this id.
    func place(of message: MessageID) -> Int? {
        if let number = numbers[message] { return number }
        guard !absent.contains(message) else { return nil }
        do throws(AuditError) {
            guard let stored = try store.messages(with: [message.bytes]).first else {
                absent.insert(message)
                return nil
            }
            _ = try hold(stored)
        } catch {
            failure = failure ?? error
        }
        return numbers[message]
    }

    subscript(_ number: Int) -> AuditedMessage {
        _read { yield hold(number).message }
        _modify {
            let message = hold(number)
            message.isChanged = true
            message.stretch = stretch
            yield &message.message
        }
    }

    private func hold(_ number: Int) -> Held {
        if let latest, latest.number == number { return latest.message }
        let message = bringBack(number)
        latest = (number, message)
        return message
    }

    private func bringBack(_ number: Int) -> Held {
        if let message = held[number] { return message }
        do throws(AuditError) {
            guard let stored = try store.messages(from: number, limit: 1).first, stored.number == number else {
                throw RecordReader.damaged
            }
            _ = try hold(stored)
        } catch {
            failure = failure ?? error
            held[number] = Held(message: .unread, isChanged: false, stretch: stretch)
        }
        return held[number]!
    }

    private func hold(_ stored: StoredMessage) throws(AuditError) -> MessageID {
        let message = try AuditedMessage(record: stored.record)
        guard message.message.bytes == stored.id, stored.number < count else { throw RecordReader.damaged }
        if held[stored.number] == nil {
            held[stored.number] = Held(
                message: message, isChanged: false, stretch: stretch, waiting: message.waiting,
                counted: Counted(message))
            numbers[message.message] = stored.number
        }
        return message.message
    }

    /// For the rules of a manifest that refers to a message.
    func reference(_ reference: Manifest.Reference?) -> Reference {
        reference.flatMap { place(of: $0.message) }.map { .logged(self[$0].referred) } ?? .absent
    }

    /// The members whose messages carry this one on.
    func forwarders(of message: MessageID) -> Set<MemberID> {
        place(of: message).map { self[$0].forwarders } ?? forwards[message] ?? []
    }

    /// Messages that wait for a device, oldest first.
    func waiting(for device: DeviceID) -> [Int] {
        var waiting = held.filter { $0.value.message.waiting.contains(device) }.map(\.key)
        do throws(AuditError) {
            waiting += try store.messages(waitingFor: device.bytes).filter { held[$0] == nil }
        } catch {
            failure = failure ?? error
        }
        return waiting.sorted()
    }

    /// Whether a message whose deadline has come owes no `unanswered`.
    func owesNothing(_ number: Int) -> Bool {
        defer { quiet.remove(number) }
        return !isOwed(number)
    }

    /// Whether the relay has to say that nobody answered a message that has expired.
    func isOwed(_ number: Int) -> Bool {
        !quiet.contains(number) && !self[number].isAnswered && !self[number].isUnanswered
    }

    // MARK: Changing

    /// - Returns: Its number; `nil` when there is a message of this id already.
    func add(_ message: AuditedMessage) -> Int? {
        guard place(of: message.message) == nil else { return nil }
        var message = message
        message.forwarders = forwards.removeValue(forKey: message.message) ?? []
        let number = count
        count += 1
        absent.remove(message.message)
        numbers[message.message] = number
        held[number] = Held(message: message, isChanged: true, stretch: stretch)
        if case .forwardOf(let carried) = message.reference, let sender = message.senderMember {
            if let carried = place(of: carried) {
                self[carried].forwarders.insert(sender)
            } else {
                forwards[carried, default: []].insert(sender)
            }
        }
        return number
    }

    /// A finding names the message.
    func doubt(_ message: MessageID) {
        if let number = place(of: message) { self[number].isSound = false }
    }

    // MARK: Counting

    /// By day, oldest first.
    func days(_ manifests: [String: Int]) -> [DayCount] {
        recount()
        var days = dayCounts
        for (day, count) in manifests { days[day, default: DayCount(day: day)].manifests = count }
        return days.values.sorted { $0.day < $1.day }
    }

    /// How many messages a finding was made about.
    var unsoundCount: Int {
        recount()
        return unsound
    }

    private func recount() { for message in held.values where message.isChanged { recount(message) } }

    private func recount(_ held: Held) {
        let counted = Counted(held.message)
        let before = held.counted
        guard counted != before else { return }
        held.counted = counted
        let day = DayCount.day(of: held.message.logged)
        if let fate = before?.fate { dayCounts[day]?.add(-1, fate) }
        if let fate = counted.fate { dayCounts[day, default: DayCount(day: day)].add(1, fate) }
        for mark in before?.marks ?? [] { dayCounts[day]?.add(-1, mark) }
        for mark in counted.marks { dayCounts[day, default: DayCount(day: day)].add(1, mark) }
        unsound += (counted.isSound ? 0 : 1) - (before.map { $0.isSound ? 0 : 1 } ?? 0)
    }

    // MARK: Storing

    /// Writes what has changed, and forgets what no entry was about for a while.
    /// - Parameter time: The last entry's: what was answered before its deadline is not asked for again.
    func flush(at time: Timestamp) throws(AuditError) {
        for (number, message) in held.sorted(by: { $0.key < $1.key }) {
            if message.isChanged { try write(message, number) }
            guard message.stretch < stretch else { continue }
            if message.message.expires.adding(seconds: Deadlines.graceSeconds) >= time,
                message.message.isAnswered || message.message.isUnanswered
            {
                quiet.insert(number)
            }
            held[number] = nil
            if latest?.number == number { latest = nil }
            numbers[message.message.message] = nil
        }
        stretch += 1
    }

    private func write(_ held: Held, _ number: Int) throws(AuditError) {
        recount(held)
        try store.set(StoredMessage(number: number, id: held.message.message.bytes, record: held.message.record))
        let waiting = held.message.waiting
        for device in held.waiting.symmetricDifference(waiting) {
            try store.set(number, isWaiting: waiting.contains(device), for: device.bytes)
        }
        held.waiting = waiting
        held.isChanged = false
    }

    /// What the log's end changed, and no store is told: the log may go on.
    var unwritten: [Int: AuditedMessage] { held.filter(\.value.isChanged).mapValues(\.message) }

    func write(to writer: inout RecordWriter) {
        recount()
        writer.put(count)
        writer.put(unsound)
        writer.put(forwards) { writer, forward in
            writer.put(forward.key)
            writer.put(forward.value) { $0.put($1) }
        }
        writer.put(dayCounts.values) { $1.write(to: &$0) }
    }

    init(_ store: any AuditStore, from reader: inout RecordReader) throws(AuditError) {
        self.store = store
        count = try reader.count()
        unsound = try reader.count()
        let forwards = try reader.list { (reader) throws(AuditError) in
            (
                try reader.identifier() as MessageID,
                try reader.list { (reader) throws(AuditError) in try reader.identifier() as MemberID }
            )
        }
        for (message, members) in forwards { self.forwards[message] = Set(members) }
        for day in try reader.list({ (reader) throws(AuditError) in try DayCount(from: &reader) }) {
            dayCounts[day.day] = day
        }
    }
}
