import DeviceStorage
import Statements

/// What a watcher has told of what its profile's store holds, so that it can tell what is new: whichever process stored it.
struct StoredNews {
    /// What is new since the last look.
    struct News {
        /// Messages that were not told, and those whose verdict may be another now.
        var messages: [String] = []
        /// Messages that somebody read or answered.
        var progressed: [String] = []
        /// Messages of ours with new notices.
        var noticed: [String] = []
        /// Findings were added.
        var hasFindings = false
        /// Devices joined that a person should know of.
        var joined: [DeviceID] = []
    }

    /// What came in the minute before watching began is told, too: whoever looked at the inbox then may have looked too early.
    private static let overlapMilliseconds: Int64 = 60_000

    private var version: Int64?
    private var messages: Set<String>
    /// Stored before watching began, and perhaps not seen by whoever looked at the inbox then.
    private let recent: Set<String>
    /// Told, and not wholly proven then.
    private var unproven: Set<String> = []
    private var act: UInt64
    private var answers: Set<Int64>
    /// Every notice up to this number was told, but those that are missing.
    private var notice: UInt64
    private var laterNotices: Set<UInt64> = []
    private(set) var finding: UInt64
    private(set) var step: UInt64
    private var devices: Set<DeviceID>

    /// Everything that is stored now was told, or is of no concern to a watcher.
    init(_ store: some StoreReading, at now: Timestamp) throws {
        recent = Set(try store.messageIDs(receivedSince: now.milliseconds - Self.overlapMilliseconds))
        messages = Set(try store.messageIDs()).subtracting(recent)
        act = try store.provenActs(after: 0).last?.number ?? 0
        answers = Set(try store.answerPlaces().map(\.place))
        let position = try store.queuePosition().number
        notice = min(position, try store.missingItems().first.map { $0 - 1 } ?? position)
        laterNotices = Set(try store.noticeNumbers(after: notice).map(\.number))
        finding = try store.lastFindingNumber()
        step = try store.lastStep()?.number ?? 0
        devices = Set(try store.unseenDevices())
    }

    /// Whether a message is new only if nobody has seen it.
    func isRecent(_ message: String) -> Bool { recent.contains(message) }

    /// A message was told by other means.
    mutating func told(_ message: String, isVerified: Bool) {
        messages.insert(message)
        if isVerified { unproven.remove(message) } else { unproven.insert(message) }
    }

    /// Another device's receipt was told by other means.
    mutating func told(answer place: Int64) { answers.insert(place) }

    mutating func told(_ device: DeviceID) { devices.insert(device) }

    /// A notice was told by other means.
    mutating func told(notice number: UInt64) { if number > notice { laterNotices.insert(number) } }

    /// Everything in the step log up to this line was told.
    mutating func told(step number: UInt64) { step = max(step, number) }

    /// What is new, at the cost of a look when no other process has made a step.
    mutating func take(_ store: some StoreReading) throws -> News {
        var news = News()
        let now = try store.version()
        guard now != version else { return news }
        version = now
        // In the order in which they were received.
        news.messages = try store.messageIDs().filter { !messages.contains($0) || unproven.contains($0) }
        messages.formUnion(news.messages)
        var moved: [String] = []
        for (number, message) in try store.provenActs(after: act) {
            act = number
            moved.append(message)
        }
        for (place, message) in try store.answerPlaces() where answers.insert(place).inserted { moved.append(message) }
        news.progressed = moved.uniqued()
        news.noticed = try store.noticeNumbers(after: notice).filter { laterNotices.insert($0.number).inserted }
            .map(\.message).uniqued()
        let last = try store.lastFindingNumber()
        news.hasFindings = last > finding
        news.joined = try store.unseenDevices().filter { devices.insert($0).inserted }
        return news
    }

    mutating func toldFindings(upTo number: UInt64) { finding = max(finding, number) }
}

extension Array where Element: Hashable {
    /// Each once, where it is first.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
