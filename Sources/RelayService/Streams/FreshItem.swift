import RelayAPI
import RelayStorage
import Secrets
import Statements
import TransparencyLog

/// An item that a batch has just queued, whole: a device that listens gets it without another look into the store.
struct FreshItem: Sendable {
    let number: UInt64
    let message: MessageID
    /// The place of its entry in the activity log.
    let index: UInt64
    let entry: [UInt8]
    /// What goes with an envelope; `nil` makes a notice.
    let sealed: SealedParts?

    /// The item as it travels, proven under the state's checkpoint.
    /// - Parameters:
    ///   - state: Published, and not older than the item.
    ///   - proven: The activity log's size that the stream has proven already.
    /// - Throws: `LogError` when a hash that the proofs need is no longer in memory.
    func item(under state: OrganisationState, proven: UInt64) throws(LogError) -> QueueItem {
        QueueItem(
            number: number,
            entry: try LoggedEntry(
                log: .activity, index: index, entry: entry, head: state.activityHead, seen: proven,
                hashes: state.activityTree),
            sealed: sealed)
    }
}

/// The sealed bytes of one message that are for one device.
struct SealedParts: Sendable {
    let sealedKey: [UInt8]
    let alert: [UInt8]
    let capsule: [UInt8]?
    let content: [UInt8]
}

extension QueueItem {
    /// - Parameter sealed: `nil` for a notice.
    init(number: UInt64, entry: LoggedEntry, sealed: SealedParts?) {
        self.init(
            number: number, entry: entry, sealedKey: sealed.map { Base64.encode($0.sealedKey) },
            alert: sealed.map { Base64.encode($0.alert) },
            capsule: sealed.flatMap { $0.capsule.map { Base64.encode($0) } },
            content: sealed.map { Base64.encode($0.content) })
    }
}
