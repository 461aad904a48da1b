import DeviceStorage
import Secrets
import Statements

/// How far this device's queue was taken in, without a gap: number and running hash.
struct QueuePosition: Sendable, Equatable {
    let number: UInt64
    /// `nil` once items were not given: then the running hash cannot be known any more.
    let hash: Digest?

    static let start = QueuePosition(number: 0, hash: .zero)

    /// After the item whose entry has this leaf hash.
    func next(_ leaf: Digest) -> QueuePosition {
        QueuePosition(number: number + 1, hash: hash.map { Digest.sha256(prefix: nil, $0, leaf) })
    }
}

extension StoreReading {
    func queuePosition() throws -> QueuePosition {
        guard let bytes = try setting(.queue) else { return .start }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count == 2, let number = UInt64(fields[0]) else {
            throw DeviceStorageError(.unusable, place: "queue")
        }
        return QueuePosition(number: number, hash: Digest(hex: Array(fields[1].utf8)))
    }
}

extension StoreStep {
    /// Moves on past item `number`, when nothing before it is missing.
    func advanceQueue(past number: UInt64, leaf: Digest) throws {
        let position = try queuePosition()
        guard number == position.number + 1 else { return }
        try setQueue(position.next(leaf))
    }

    /// Passes over items that were not given, up to `number`.
    func skipQueue(to number: UInt64) throws {
        guard number > (try queuePosition()).number else { return }
        try setQueue(QueuePosition(number: number, hash: nil))
    }

    private func setQueue(_ position: QueuePosition) throws {
        try set(.queue, to: Array("\(position.number) \(position.hash?.hex ?? "unknown")".utf8))
    }
}
