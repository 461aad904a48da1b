import Membership
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

/// Makes queue items for a device, for polling and streaming alike. Every envelope's `served` event is durable first.
struct ItemBuilder: Sendable {
    let device: DeviceID
    let running: Organisations.Running
    let store: any RelayStore

    struct Built: Sendable {
        let items: [(item: QueueItem, message: MessageID, kind: QueueItemKind)]
        /// The number up to which the queue was looked at.
        let cursor: UInt64
        /// The activity log's size under which the items are proven.
        let proven: UInt64
        /// Whether more may wait behind the cursor.
        let more: Bool
    }

    /// - Parameters:
    ///   - after: The number behind which to begin.
    ///   - envelopeLimit: How many envelopes may go out.
    ///   - known: The activity log's size that the device remembers.
    func build(after: UInt64, limit: Int, envelopeLimit: Int, known: UInt64) async throws -> Built {
        let organisation = running.sequencer.organisation
        let device = device
        let waiting = try await store.read { reader in
            try reader.queueItems(of: device, after: after, limit: limit, of: organisation)
        }
        guard !waiting.isEmpty else { return Built(items: [], cursor: after, proven: known, more: false) }
        var envelopes = 0
        let chosen = waiting.prefix { item in
            if item.kind == .envelope { envelopes += 1 }
            return envelopes <= envelopeLimit
        }
        let unserved = chosen.filter { $0.kind == .envelope && !$0.served }.map(\.message)
        if !unserved.isEmpty {
            try await running.sequencer.submit { batch in
                try Serving.write(unserved, to: device, in: &batch)
            } answer: { _, _ in
            }
        }
        let mayBeMore = waiting.count == limit
        // Taken before the look: what it proves is then in the store.
        let snapshot = running.sequencer.published.snapshot
        return try await store.read { reader in
            let state = snapshot.state
            // Also what was noted as let out before: a revoked device gets nothing more.
            guard state.view(at: state.lastTime).liveDevice(device) != nil else { throw Problems.revoked }
            let head = state.activityHead
            // A batch may be durable and not yet published: its items come with the next look.
            let visible = chosen.prefix { $0.index < head.size }
            let hashes = ProofSource(log: .activity, state: state, tiles: reader)
            var seen = known
            let items = try visible.compactMap { stored in
                let item = try Self.item(
                    stored, for: device, head: head, seen: seen, hashes: hashes, reader: reader,
                    organisation: organisation)
                if item != nil { seen = head.size }
                return item.map { ($0, stored.message, stored.kind) }
            }
            return Built(
                items: items, cursor: visible.last?.number ?? after, proven: items.isEmpty ? known : head.size,
                more: mayBeMore || visible.count < waiting.count)
        }
    }

    private static func item(
        _ stored: StoredQueueItem, for device: DeviceID, head: SignedCheckpoint, seen: UInt64, hashes: any HashSource,
        reader: any RelayReader, organisation: OrganisationID
    ) throws -> QueueItem? {
        guard let entry = try reader.entry(stored.index, in: .activity, of: organisation) else {
            throw StorageError(.broken, part: "queue item")
        }
        let logged = try LoggedEntry(
            log: .activity, index: stored.index, entry: entry, head: head, seen: seen, hashes: hashes)
        guard stored.kind == .envelope else {
            return QueueItem(number: stored.number, entry: logged, sealed: nil)
        }
        guard let message = try reader.message(stored.message, of: organisation),
            let parts = try reader.parts(of: message, of: organisation),
            let sealedKey = try reader.sealedKey(of: message, for: device, of: organisation)
        else { return nil }
        return QueueItem(
            number: stored.number, entry: logged,
            sealed: SealedParts(
                sealedKey: sealedKey, alert: parts.alert, capsule: parts.capsule, content: parts.content))
    }
}
