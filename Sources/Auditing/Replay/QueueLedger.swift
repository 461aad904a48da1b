import Secrets
import Statements

/// The queues of devices whose kept heads are checked: what Protocol.md, "Of a device's queue", makes of the log.
struct QueueLedger {
    /// A device's queue.
    struct State {
        /// h(number of items).
        fileprivate(set) var hash = Digest.zero
        /// The entry of each item.
        fileprivate(set) var items: [UInt64] = []

        /// The number of the last item.
        var last: UInt64 { UInt64(items.count) }
    }

    private var states: [DeviceID: State]

    init(watching devices: Set<DeviceID>) {
        states = Dictionary(uniqueKeysWithValues: devices.map { ($0, State()) })
    }

    var isEmpty: Bool { states.isEmpty }

    subscript(_ device: DeviceID) -> State { states[device] ?? State() }

    mutating func add(_ entry: UInt64, leaf: Digest, to device: DeviceID) {
        guard let hash = states[device]?.hash else { return }
        states[device]?.hash = Digest.sha256(prefix: nil, hash, leaf)
        states[device]?.items.append(entry)
    }
}
