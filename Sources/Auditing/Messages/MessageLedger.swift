import Membership
import Statements

/// Every message of the log, and what waits for which device.
struct MessageLedger {
    private(set) var messages: [AuditedMessage] = []
    private var places: [MessageID: Int] = [:]
    private var forwards: [MessageID: Set<MemberID>] = [:]
    private var waiting: [DeviceID: Set<Int>] = [:]

    /// - Returns: Its place here; `nil` when there is a message of this id already.
    mutating func add(_ message: AuditedMessage) -> Int? {
        guard places[message.message] == nil else { return nil }
        let place = messages.count
        places[message.message] = place
        for recipient in message.recipients { waiting[recipient.device, default: []].insert(place) }
        messages.append(message)
        if case .forwardOf(let carried) = message.reference, let sender = message.senderMember {
            forwards[carried, default: []].insert(sender)
        }
        return place
    }

    func place(of message: MessageID) -> Int? { places[message] }

    /// The members whose messages carry this one on.
    func forwarders(of message: MessageID) -> Set<MemberID> { forwards[message] ?? [] }

    /// For the rules of a manifest that refers to a message.
    func reference(_ reference: Manifest.Reference?) -> Reference {
        switch reference {
        case .inReplyTo(let message), .forwardOf(let message):
            places[message].map { .logged(messages[$0].referred) } ?? .absent
        case nil: .absent
        }
    }

    subscript(_ place: Int) -> AuditedMessage {
        get { messages[place] }
        _modify { yield &messages[place] }
    }

    /// Messages that wait for a device, oldest first.
    func waiting(for device: DeviceID) -> [Int] { (waiting[device] ?? []).sorted() }

    /// A message left the device's queue.
    mutating func release(_ place: Int, from device: DeviceID) { waiting[device]?.remove(place) }

    /// A finding names the message.
    mutating func doubt(_ message: MessageID) {
        if let place = places[message] { messages[place].isSound = false }
    }

    /// By day, oldest first.
    func days(_ manifests: [String: Int]) -> [DayCount] {
        var days = Dictionary(uniqueKeysWithValues: manifests.keys.map { ($0, DayCount(day: $0)) })
        for (day, count) in manifests { days[day]?.manifests = count }
        for message in messages { days[DayCount.day(of: message.logged)]?.count(message) }
        return days.values.sorted { $0.day < $1.day }
    }
}
