import Secrets
import StoreKeying
import Synchronization

/// The keys that a process has in hand: those of columns as long as it works, those of rows for one use, or for one look or
/// step when they were fetched together.
///
/// Guarded memory costs several system calls each time it is made: three pieces are made, and used again.
final class KeyRing: Sendable {
    private static let keyByteCount = StoreKeysLimits.keyByteCount
    /// There are fewer columns than this; one more is a mistake of ours.
    private static let columnLimit = 64

    private struct Rings: ~Copyable {
        var columns: [StoreKeyLabel: Int] = [:]
        var columnRoom = SecretBytes(zeros: KeyRing.columnLimit * KeyRing.keyByteCount)
        var rows: [StoreKeyLabel: Int] = [:]
        var rowRoom = SecretBytes(zeros: StoreKeysLimits.labelsAtOnce * KeyRing.keyByteCount)
        var single = SecretBytes(zeros: KeyRing.keyByteCount)
    }

    private let source: any StoreKeys
    private let rings = Mutex(Rings())

    init(_ source: any StoreKeys) { self.source = source }

    /// That a sealed value of a table does not open under the keys that are made here.
    func failure(in table: StaticString) -> DeviceStorageError {
        DeviceStorageError(source.areAnothers ? .agentKeyDoesNotOpen : .doesNotOpen, place: table.description)
    }

    /// Lends the key of a place.
    /// - Throws: ``DeviceStorageError`` when the agent has locked or is gone.
    func withKey<Result>(
        of place: SealedPlace, _ body: (borrowing SecretBytes) -> Result
    ) throws(DeviceStorageError) -> Result {
        let label = place.label
        var result: Result?
        let failure: StoreKeysError? = rings.withLock { rings in
            do throws(StoreKeysError) {
                try lend(label, place.scope, &rings) { result = body($0) }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw Self.translated(failure) }
        return result!
    }

    private func lend(
        _ label: StoreKeyLabel, _ scope: SealedPlace.KeyScope, _ rings: inout Rings,
        _ body: (borrowing SecretBytes) -> Void
    ) throws(StoreKeysError) {
        func range(_ index: Int) -> Range<Int> { index * Self.keyByteCount..<(index + 1) * Self.keyByteCount }
        switch scope {
        case .column:
            if let index = rings.columns[label] { return rings.columnRoom.withPart(range(index), body) }
            try source.derive([label], into: &rings.single)
            let index = rings.columns.count
            precondition(index < Self.columnLimit, "more columns than there is room for keys")
            rings.columnRoom.overwrite(from: index * Self.keyByteCount, with: rings.single)
            rings.single.clear()
            rings.columns[label] = index
            return rings.columnRoom.withPart(range(index), body)
        case .row:
            if let index = rings.rows[label] { return rings.rowRoom.withPart(range(index), body) }
            try source.derive([label], into: &rings.single)
            defer { rings.single.clear() }
            return body(rings.single)
        }
    }

    /// Fetches the keys of rows in one exchange; of more than there is room for, those of the first.
    func prepare(_ places: [SealedPlace]) throws(DeviceStorageError) {
        var labels: [StoreKeyLabel: Int] = [:]
        var order: [StoreKeyLabel] = []
        for place in places where place.scope == .row && order.count < StoreKeysLimits.labelsAtOnce {
            let label = place.label
            guard labels[label] == nil else { continue }
            labels[label] = order.count
            order.append(label)
        }
        let failure: StoreKeysError? = rings.withLock { rings in
            rings.rows = [:]
            do throws(StoreKeysError) {
                try source.derive(order, into: &rings.rowRoom)
                rings.rows = labels
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw Self.translated(failure) }
    }

    /// Forgets the keys of rows.
    func dropRows() {
        rings.withLock { rings in
            guard !rings.rows.isEmpty else { return }
            rings.rows = [:]
            rings.rowRoom.clear()
        }
    }

    /// Forgets every key.
    func dropAll() {
        rings.withLock { rings in
            rings.rows = [:]
            rings.columns = [:]
            rings.rowRoom.clear()
            rings.columnRoom.clear()
            rings.single.clear()
        }
    }

    private static func translated(_ error: StoreKeysError) -> DeviceStorageError {
        DeviceStorageError(error.code == .locked ? .locked : .agentGone, place: "store key")
    }
}
