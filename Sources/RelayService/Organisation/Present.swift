import RelayAPI
import RelayStorage
import Secrets
import Statements
import TransparencyLog

/// The relay's signed, timed word on the present, with what a client needs to check it.
enum Present {
    /// Sizes that the asker remembers; 0 for none.
    struct Known: Sendable {
        let roster: UInt64
        let activity: UInt64

        static let nothing = Known(roster: 0, activity: 0)
    }

    /// The time is taken before the content is read, and never lies after a batch that is being made: so the word is
    /// true of its time.
    static func answer(
        for device: DeviceID?, known: Known, of running: Organisations.Running, store: any RelayStore
    ) async throws -> HeadAnswer {
        let sequencer = running.sequencer
        let organisation = sequencer.organisation
        let time = sequencer.clock.headTime()
        let snapshot = sequencer.published.snapshot
        let keys = running.keys
        return try await store.read { reader in
            guard let roster = try reader.head(.roster, of: organisation),
                let activity = try reader.head(.activity, of: organisation)
            else { throw StorageError(.broken, part: "heads") }
            return try answer(
                for: device, known: known, at: time,
                roster: Tree(size: roster.size, root: roster.root, note: roster.note),
                activity: Tree(size: activity.size, root: activity.root, note: activity.note),
                state: snapshot.state, keys: keys, reader: reader)
        }
    }

    /// The present as a batch leaves it, to be answered with the batch; to be asked after it was sealed.
    static func answer(
        for device: DeviceID?, known: Known, after batch: Batch, keys: OrganisationKeys
    ) throws -> HeadAnswer {
        let roster = batch.state.rosterHead
        let activity = batch.state.activityHead
        return try answer(
            for: device, known: known, at: batch.time,
            roster: Tree(size: roster.size, root: roster.root, note: roster.note.bytes),
            activity: Tree(size: activity.size, root: activity.root, note: activity.note.bytes),
            state: batch.state, keys: keys, reader: batch.transaction)
    }

    /// A signed tree, with its checkpoint.
    private struct Tree {
        let size: UInt64
        let root: Digest
        let note: [UInt8]
    }

    private static func answer(
        for device: DeviceID?, known: Known, at time: Timestamp, roster: Tree, activity: Tree,
        state: OrganisationState, keys: OrganisationKeys, reader: any RelayReader
    ) throws -> HeadAnswer {
        let organisation = state.organisation
        var deviceState: Head.DeviceState?
        if let device {
            let queue = try reader.queue(of: device, of: organisation)
            deviceState = Head.DeviceState(
                device: device, waiting: queue.waiting, lastNumber: queue.lastNumber, runningHash: queue.runningHash,
                oneTimeLeft: try reader.oneTimePrekeyCount(of: device, at: time, of: organisation))
        }
        let head = Head(
            organisation: organisation, time: time, roster: .init(size: roster.size, root: roster.root),
            activity: .init(size: activity.size, root: activity.root), device: deviceState)
        return HeadAnswer(
            head: String(decoding: keys.sign(head).bytes, as: UTF8.self),
            roster: String(decoding: roster.note, as: UTF8.self),
            activity: String(decoding: activity.note, as: UTF8.self),
            rosterConsistency: try StoredHashes(tiles: reader, log: .roster, organisation: organisation)
                .consistency(from: known.roster, to: roster.size),
            activityConsistency: try StoredHashes(
                tiles: reader, log: .activity, organisation: organisation, tree: state.activityTree
            ).consistency(from: known.activity, to: activity.size))
    }
}
