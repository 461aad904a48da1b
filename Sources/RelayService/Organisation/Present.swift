import RelayAPI
import RelayStorage
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
        let state = sequencer.published.current
        let keys = running.keys
        return try await store.read { reader in
            guard let roster = try reader.head(.roster, of: organisation),
                let activity = try reader.head(.activity, of: organisation)
            else { throw StorageError(.broken, part: "heads") }
            var deviceState: Head.DeviceState?
            if let device {
                let queue = try reader.queue(of: device, of: organisation)
                deviceState = Head.DeviceState(
                    device: device, waiting: queue.waiting, lastNumber: queue.lastNumber,
                    runningHash: queue.runningHash,
                    oneTimeLeft: try reader.oneTimePrekeyCount(of: device, at: time, of: organisation))
            }
            let head = Head(
                organisation: organisation, time: time, roster: .init(size: roster.size, root: roster.root),
                activity: .init(size: activity.size, root: activity.root), device: deviceState)
            let hashes = StoredHashes(
                tiles: reader, log: .activity, organisation: organisation, tree: state.activityTree)
            return HeadAnswer(
                head: String(decoding: keys.sign(head).bytes, as: UTF8.self),
                roster: String(decoding: roster.note, as: UTF8.self),
                activity: String(decoding: activity.note, as: UTF8.self),
                rosterConsistency: try StoredHashes(tiles: reader, log: .roster, organisation: organisation)
                    .consistency(from: known.roster, to: roster.size),
                activityConsistency: try hashes.consistency(from: known.activity, to: activity.size))
        }
    }
}
