import Secrets
import StoreKeying
import Synchronization

/// Direct keys that remember what they were asked for.
final class ListeningKeys: StoreKeys {
    let areAnothers: Bool
    private let direct = DirectStoreKeys(storeKey: SecretBytes(random: 32))
    private let state = Mutex<(labels: [StoreKeyLabel], exchanges: Int, isLocked: Bool)>(([], 0, false))

    init(areAnothers: Bool = false) { self.areAnothers = areAnothers }

    var exchanges: Int { state.withLock { $0.exchanges } }
    /// `table column row` of each key of a row, sorted.
    var rows: [String] {
        state.withLock { $0.labels }.compactMap { label in
            let lines = String(decoding: label.bytes, as: UTF8.self).split(separator: "\n")
            return lines[1] == "row" ? lines[2...].joined(separator: " ") : nil
        }.sorted()
    }

    func forgetTheAsked() { state.withLock { ($0.labels, $0.exchanges) = ([], 0) } }
    func forget() {}
    func lock() { state.withLock { $0.isLocked = true } }

    func derive(_ labels: [StoreKeyLabel], into room: inout SecretBytes) throws(StoreKeysError) {
        let isLocked = state.withLock { state in
            state.labels += labels
            state.exchanges += 1
            return state.isLocked
        }
        guard !isLocked else { throw StoreKeysError(.locked) }
        try direct.derive(labels, into: &room)
    }
}
