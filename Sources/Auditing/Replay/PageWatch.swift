import Statements

/// Which pages must have gone out by when: a device with a subscription that works is paged again and again, until somebody
/// answers.
struct PageWatch {
    /// A message that waits for a page to a device.
    struct Wait {
        let message: Int
        let device: DeviceID
        /// Since when no page of it went out.
        var since: Timestamp
        var due: Timestamp
    }

    private struct Key: Hashable {
        let message: Int
        let device: DeviceID
    }

    private var waits: [Int: Wait] = [:]
    private var numbers: [Key: Int] = [:]
    private var next = 0
    private var deadlines = Deadlines()

    init() {}

    /// - Parameter seconds: Until the next page must have gone out.
    mutating func expect(_ message: Int, to device: DeviceID, at time: Timestamp, within seconds: Int64) {
        let due = time.adding(seconds: seconds)
        if let number = numbers[Key(message: message, device: device)] {
            waits[number]?.since = time
            waits[number]?.due = due
            return
        }
        waits[next] = Wait(message: message, device: device, since: time, due: due)
        numbers[Key(message: message, device: device)] = next
        deadlines.add(next, expires: due)
        next += 1
    }

    /// Whether a page of the message to the device is expected.
    func expects(_ message: Int, to device: DeviceID) -> Bool { numbers[Key(message: message, device: device)] != nil }

    /// The messages that wait for pages to a device.
    func messages(to device: DeviceID) -> [Int] { waits.values.filter { $0.device == device }.map(\.message).sorted() }

    /// Log time has come to `time`.
    /// - Returns: What was due more than a minute ago, by the order in which it was first expected; no more is expected of it.
    mutating func advance(to time: Timestamp) -> [Wait] {
        var overdue: [Int] = []
        for number in deadlines.advance(to: time) {
            guard let wait = waits[number] else { continue }
            if wait.due.adding(seconds: Deadlines.graceSeconds) < time {
                overdue.append(number)
            } else {
                deadlines.add(number, expires: wait.due)
            }
        }
        return overdue.sorted().compactMap { number in
            let wait = waits.removeValue(forKey: number)
            if let wait { numbers[Key(message: wait.message, device: wait.device)] = nil }
            return wait
        }
    }

    // MARK: Storing

    func write(to writer: inout RecordWriter) {
        writer.put(next)
        writer.put(waits) { writer, wait in
            writer.put(wait.key)
            writer.put(wait.value.message)
            writer.put(wait.value.device)
            writer.put(wait.value.since)
            writer.put(wait.value.due)
        }
        deadlines.write(to: &writer)
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        next = try reader.count()
        let waits = try reader.list { (reader) throws(AuditError) in
            (
                try reader.count(),
                Wait(
                    message: try reader.count(), device: try reader.identifier(), since: try reader.time(),
                    due: try reader.time())
            )
        }
        self.waits = Dictionary(waits, uniquingKeysWith: { first, _ in first })
        for (number, wait) in waits { numbers[Key(message: wait.message, device: wait.device)] = number }
        deadlines = try Deadlines(from: &reader)
    }
}
