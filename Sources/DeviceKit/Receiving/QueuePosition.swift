import DeviceStorage
import Secrets
import Statements

/// How far this device's queue was taken in: number and running hash.
struct QueuePosition: Sendable, Equatable {
    /// Every item up to this number was taken in, or is one of the ``MissingItems``.
    let number: UInt64
    /// `nil` since items were passed over, until a signed head of just this number gives it again.
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

    func missingItems() throws -> MissingItems {
        guard let bytes = try setting(.queueMissing) else { return MissingItems() }
        guard let missing = MissingItems(String(decoding: bytes, as: UTF8.self)) else {
            throw DeviceStorageError(.unusable, place: "queue")
        }
        return missing
    }
}

extension StoreStep {
    /// Notes that item `number` was taken in. Items before it that were not are missing from now on.
    func advanceQueue(past number: UInt64, leaf: Digest) throws {
        let position = try queuePosition()
        if number == position.number + 1 { return try set(position.next(leaf)) }
        if number > position.number {
            try passOver(to: number - 1)
            try set(QueuePosition(number: number, hash: nil))
        } else {
            var missing = try missingItems()
            guard missing.remove(number) else { return }
            try set(missing)
        }
    }

    /// Passes over items that were not taken in, up to `number`: they are missing from now on.
    func passOver(to number: UInt64) throws {
        let position = try queuePosition()
        guard number > position.number else { return }
        var missing = try missingItems()
        missing.insert(position.number + 1...number)
        try set(missing)
        try set(QueuePosition(number: number, hash: nil))
    }

    /// The relay signed this number and running hash, and so they are; what lay between the last such and this one and
    /// gave another hash is missing.
    func confirmQueue(at number: UInt64, hash: Digest, asking: ClosedRange<UInt64>? = nil) throws {
        var missing = try missingItems()
        if let asking { missing.insert(asking) }
        missing.forget(beyond: number)
        missing.confirmed = number
        try set(missing)
        try set(QueuePosition(number: number, hash: hash))
    }

    private func set(_ position: QueuePosition) throws {
        try set(.queue, to: Array("\(position.number) \(position.hash?.hex ?? "unknown")".utf8))
    }

    private func set(_ missing: MissingItems) throws {
        try set(.queueMissing, to: Array(missing.text.utf8))
    }
}
