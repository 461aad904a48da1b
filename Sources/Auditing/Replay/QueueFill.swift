import Membership
import Statements

/// How full each device's queue ever was, as the log has it: whether it can have been said to be full.
struct QueueFill {
    private struct Fill {
        var waiting: UInt64 = 0
        var most: UInt64 = 0
    }

    /// The largest envelope without attachments: content, alert and capsule as suite 1 seals them, and a sealed key.
    static let largestEnvelope: UInt64 = 65_576 + 552 + 1_064 + 1_216

    private var fills: [DeviceID: Fill] = [:]

    init() {}

    mutating func add(to device: DeviceID) {
        var fill = fills[device] ?? Fill()
        fill.waiting += 1
        fill.most = max(fill.most, fill.waiting)
        fills[device] = fill
    }

    mutating func remove(from device: DeviceID) {
        guard let waiting = fills[device]?.waiting, waiting > 0 else { return }
        fills[device]?.waiting = waiting - 1
    }

    /// The most that ever waited for the device.
    func most(of device: DeviceID) -> UInt64 { fills[device]?.most ?? 0 }

    /// Whether so many envelopes can have reached the policy's bounds, in items or in bytes.
    static func isFull(_ most: UInt64, _ policy: Policy) -> Bool {
        most >= policy.queueItems || most * largestEnvelope >= policy.queueBytes
    }

    // MARK: Storing

    func write(to writer: inout RecordWriter) {
        writer.put(fills) { writer, fill in
            writer.put(fill.key)
            writer.put(fill.value.waiting)
            writer.put(fill.value.most)
        }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        let fills = try reader.list { (reader) throws(AuditError) in
            (try reader.identifier() as DeviceID, Fill(waiting: try reader.integer(), most: try reader.integer()))
        }
        self.fills = Dictionary(fills, uniquingKeysWith: { first, _ in first })
    }
}

extension ActivityReplay {
    /// A new message's envelopes wait; and nobody was left out for a queue that cannot have been full.
    mutating func judgeQueues(_ manifest: Manifest, at place: Place) {
        let policy = view(at: place).policy
        for left in manifest.without where left.reason == .queueFull {
            let most = fill.most(of: left.device)
            guard !QueueFill.isFull(most, policy) else { continue }
            find(
                .queueFullUntrue, place.index, message: manifest.message,
                "\(manifest.message) leaves out \(who.device(left.device)) for a full queue, and no more than \(most.counted("message"))"
                    + " ever waited for it: the relay or \(who.device(manifest.sender)) said what is not so")
        }
        for recipient in manifest.recipients { fill.add(to: recipient.device) }
    }
}
