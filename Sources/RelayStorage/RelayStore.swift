public import Secrets
public import Statements

/// Where the relay keeps its organisations: named by intent, the same for every database (see the conformance suite).
///
/// What ``write(_:)`` returned is durable: a power cut after it loses nothing. Nothing of a transaction that threw stays.
public protocol RelayStore: Sendable {
    /// Runs `body` alone, in one transaction, and returns when it is durable.
    /// - Throws: What `body` throws, or ``StorageError``; nothing was written then.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any RelayTransaction) throws -> Result
    ) async throws -> Result

    /// Runs `body` on a state that was durable at some moment after the call.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any RelayReader) throws -> Result) async throws -> Result

    /// Ends every use; later calls throw.
    func close() throws
}

/// Why storage refused.
public struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The head is not the one that the writer knew: another writer is at work.
        case headMoved = "head_moved"
        /// A row that must be new is there, or one that must be there is not.
        case broken
        /// The disk or the database failed.
        case failed
        /// The file is of another version, or lacks a setting that durability needs.
        case unsuitable
    }

    public let code: Code
    public let part: String

    public init(_ code: Code, part: String) {
        self.code = code
        self.part = part
    }

    public var description: String { "\(code.rawValue): \(part)" }
}

/// Reads. Every call is about one organisation.
public protocol RelayReader: HashTiles {
    /// Every organisation that was founded here.
    func organisations() throws -> [OrganisationID]

    // MARK: Logs

    /// The newest signed tree, or `nil` before founding.
    func head(_ log: LogKind, of organisation: OrganisationID) throws -> StoredHead?
    /// An entry's bytes.
    func entry(_ index: UInt64, in log: LogKind, of organisation: OrganisationID) throws -> [UInt8]?
    /// Entries from `start`, in order, at most `count`.
    func entries(
        from start: UInt64, count: Int, in log: LogKind, of organisation: OrganisationID
    ) throws -> [[UInt8]]
    /// Root and signature of a tree of this size that was signed, or `nil`.
    func signedTree(_ size: UInt64, of log: LogKind, of organisation: OrganisationID) throws -> SignedTree?
    /// Where a statement of this hash stands.
    func index(ofStatement hash: StatementHash, in log: LogKind, of organisation: OrganisationID) throws -> UInt64?

    // MARK: Messages

    func message(_ id: MessageID, of organisation: OrganisationID) throws -> StoredMessage?
    /// The members whose messages carry this one on.
    func forwarders(of message: MessageID, of organisation: OrganisationID) throws -> Set<MemberID>
    /// Activity log indexes of everything about a message, in order.
    func entryIndexes(about message: MessageID, of organisation: OrganisationID) throws -> [UInt64]
    /// A message's sealed parts, without sealed keys.
    func parts(of message: StoredMessage, of organisation: OrganisationID) throws -> StoredParts?
    /// A device's sealed key; `nil` once it was delivered or destroyed.
    func sealedKey(
        of message: StoredMessage, for device: DeviceID, of organisation: OrganisationID
    ) throws -> [UInt8]?
    /// Messages whose time is over, that nobody acknowledged or closed and that no `unanswered` event names.
    func unansweredMessages(at time: Timestamp, limit: Int, of organisation: OrganisationID) throws -> [StoredMessage]
    /// When the next message expires unanswered.
    func nextExpiry(of organisation: OrganisationID) throws -> Timestamp?

    // MARK: Attachments

    /// A device's sealed attachment that no message names yet.
    func upload(_ hash: Digest, by device: DeviceID, of organisation: OrganisationID) throws -> StoredBlob?
    /// How many a device has, and how many bytes they are to have when they are whole.
    func uploads(by device: DeviceID, of organisation: OrganisationID) throws -> (count: UInt64, byteCount: UInt64)
    /// The attachments of a message, in their order.
    func attachments(of message: MessageID, of organisation: OrganisationID) throws -> [StoredBlob]
    /// Attachments of every organisation that no message names and that nothing came of since `time`.
    func abandonedUploads(since time: Timestamp, limit: Int) throws -> [BlobNumber]
    /// What is known of attachments of every organisation, from a number on, in their order.
    func blobs(from number: BlobNumber, limit: Int) throws -> [StoredBlob]
    /// Every number in use, of every organisation.
    func blobNumbers() throws -> Set<BlobNumber>

    // MARK: Devices

    func queue(of device: DeviceID, of organisation: OrganisationID) throws -> QueueState
    /// Waiting items with a number above `after`, in order.
    func queueItems(
        of device: DeviceID, after: UInt64, limit: Int, of organisation: OrganisationID
    ) throws -> [StoredQueueItem]
    /// One waiting envelope.
    func waitingEnvelope(
        _ message: MessageID, of device: DeviceID, of organisation: OrganisationID
    ) throws -> StoredQueueItem?
    /// Waiting envelopes of a device, in order.
    func waitingEnvelopes(of device: DeviceID, of organisation: OrganisationID) throws -> [StoredQueueItem]
    /// One-time prekeys that can still go out at `time`.
    func oneTimePrekeyCount(of device: DeviceID, at time: Timestamp, of organisation: OrganisationID) throws -> UInt64
    func claim(
        of message: MessageID, for device: DeviceID, of organisation: OrganisationID
    ) throws -> StoredClaim?
    /// Claims since `since` that did not end in an accepted message.
    func openClaims(
        by claimant: DeviceID, for device: DeviceID?, since: Timestamp, of organisation: OrganisationID
    ) throws -> UInt64
    /// A device's receipts so far: number and hash of the last.
    func receiptChain(of device: DeviceID, of organisation: OrganisationID) throws -> StoredChain
    /// The ring token of this hash, whether it is over or not.
    func ringToken(_ hash: Digest, of organisation: OrganisationID) throws -> StoredRingToken?
    /// Messages that were sealed to a device, whose time is not over, and that nobody acknowledged or closed.
    func openMessages(
        to device: DeviceID, at time: Timestamp, limit: Int, of organisation: OrganisationID
    ) throws -> [StoredMessage]
    /// The latest audit key offer of each device.
    func auditKeyOffers(of organisation: OrganisationID) throws -> [[UInt8]]

    // MARK: Pages

    /// A device's subscriptions, those that were dropped included, in the order of their registration.
    func subscriptions(of device: DeviceID, of organisation: OrganisationID) throws -> [StoredSubscription]
    /// Jobs of every organisation that are due at `time`, the longest due first.
    func duePushJobs(at time: Timestamp, limit: Int) throws -> [(organisation: OrganisationID, job: StoredPushJob)]
    /// When the next job of any organisation after `time` is due.
    func nextPushJob(after time: Timestamp) throws -> Timestamp?
    /// A message's jobs to a device, one a subscription; none once they were cancelled.
    func pushJobs(
        of message: MessageID, to device: DeviceID, of organisation: OrganisationID
    ) throws -> [StoredPushJob]
    /// Whether a device has jobs.
    func hasPushJobs(_ device: DeviceID, of organisation: OrganisationID) throws -> Bool
}

/// Full hash tiles, as far as they are stored; partial ones are rendered, never stored.
public protocol HashTiles {
    /// 8,192 bytes, or `nil`.
    func fullTile(level: Int, index: UInt64, of log: LogKind, of organisation: OrganisationID) throws -> [UInt8]?
    /// Leaf hashes from `start`, at most `count`.
    func leafHashes(
        from start: UInt64, count: Int, of log: LogKind, of organisation: OrganisationID
    ) throws -> [LeafHash]
}

/// Writes, inside one transaction.
public protocol RelayTransaction: RelayReader {
    func addOrganisation(_ organisation: OrganisationID) throws

    // MARK: Logs

    /// Adds an entry at `index`, which must be the next.
    func append(_ entry: NewEntry, at index: UInt64, to log: LogKind, of organisation: OrganisationID) throws
    func storeFullTile(
        _ hashes: [UInt8], level: Int, index: UInt64, of log: LogKind, of organisation: OrganisationID) throws
    /// Compare-and-swap of the head.
    /// - Throws: ``StorageError/Code/headMoved`` unless the stored head's size is `expected` (0 before the first).
    func advanceHead(
        to head: StoredHead, from expected: UInt64, of log: LogKind, of organisation: OrganisationID) throws

    // MARK: Messages

    func storeMessage(
        _ message: StoredMessage, parts: StoredParts, sealedKeys: [(device: DeviceID, bytes: [UInt8])],
        of organisation: OrganisationID) throws
    func markAnswered(_ message: MessageID, of organisation: OrganisationID) throws
    func markUnanswered(_ message: MessageID, of organisation: OrganisationID) throws
    /// Destroys one device's sealed key.
    func destroySealedKey(of message: StoredMessage, for device: DeviceID, of organisation: OrganisationID) throws

    // MARK: Attachments

    /// Begins an upload under a number that was never used before.
    func beginUpload(
        _ hash: Digest, size: UInt64, by device: DeviceID, at time: Timestamp, of organisation: OrganisationID
    ) throws -> StoredBlob
    /// Notes how far an upload has come.
    func noteReceived(_ byteCount: UInt64, isComplete: Bool, of blob: BlobNumber, at time: Timestamp) throws
    /// Gives up an upload. One that a message has taken stays.
    func removeUpload(_ blob: BlobNumber) throws
    /// Gives uploads to a message, in their order.
    func attach(_ blobs: [BlobNumber], to message: MessageID, of organisation: OrganisationID) throws
    /// Gives up every upload of a device that no message has taken.
    func removeUploads(by device: DeviceID, of organisation: OrganisationID) throws

    // MARK: Devices

    /// Adds an item at the end of a queue and returns its number.
    func enqueue(_ item: NewQueueItem, for device: DeviceID, of organisation: OrganisationID) throws -> UInt64
    /// Removes a waiting envelope; nothing happens when it has left.
    func removeEnvelope(_ message: MessageID, from device: DeviceID, of organisation: OrganisationID) throws
    /// Removes notices up to a number that the device says it has stored.
    func removeNotices(upTo number: UInt64, from device: DeviceID, of organisation: OrganisationID) throws
    func markServed(_ message: MessageID, to device: DeviceID, of organisation: OrganisationID) throws
    /// Stores prekeys; those known already (published or issued before) and those that are over are passed over. Forgets
    /// the device's prekeys that are over, and of its fallback prekeys all but the newest two.
    func publish(
        _ prekeys: [StoredPrekey], of device: DeviceID, at time: Timestamp, of organisation: OrganisationID) throws
    /// Takes the oldest one-time prekey valid at `time`, else the newest fallback; a one-time prekey never comes again.
    func takePrekey(of device: DeviceID, at time: Timestamp, of organisation: OrganisationID) throws -> StoredPrekey?
    func storeClaim(_ claim: StoredClaim, of organisation: OrganisationID) throws
    func markClaimsUsed(of message: MessageID, of organisation: OrganisationID) throws
    func setReceiptChain(_ chain: StoredChain, of device: DeviceID, of organisation: OrganisationID) throws
    func storeAuditKeyOffer(_ note: [UInt8], of device: DeviceID, of organisation: OrganisationID) throws
    /// A device's ring token, in the place of the one before.
    func setRingToken(_ token: StoredRingToken, of organisation: OrganisationID) throws
    /// Nobody listens by a device's ring token any more.
    func removeRingToken(of device: DeviceID, of organisation: OrganisationID) throws
    /// A revoked device's prekeys and offers go, its ring token, its subscriptions and their jobs.
    func forgetKeys(of device: DeviceID, of organisation: OrganisationID) throws

    // MARK: Pages

    /// Stores a subscription, in the place of the one of the same id.
    func storeSubscription(_ subscription: StoredSubscription, of organisation: OrganisationID) throws
    /// Removes a subscription and its jobs, if it is there.
    func removeSubscription(_ id: SubscriptionID, of device: DeviceID, of organisation: OrganisationID) throws
    /// Adds a job; one that is there already stays as it is.
    func addPushJob(_ job: StoredPushJob, of organisation: OrganisationID) throws
    /// Notes how a job stands; nothing happens when it was cancelled.
    func updatePushJob(_ job: StoredPushJob, of organisation: OrganisationID) throws
    func removePushJob(_ job: StoredPushJob, of organisation: OrganisationID) throws
    /// Cancels a message's jobs: those to these devices, or all.
    func removePushJobs(of message: MessageID, to devices: [DeviceID]?, of organisation: OrganisationID) throws
    /// Makes a device's jobs due at `time` where they wait longer and their envelope still waits in its queue; not before `pause`
    /// seconds have passed since the last attempt.
    func hastenPushJobs(of device: DeviceID, at time: Timestamp, pause: Int64, of organisation: OrganisationID) throws
    /// The same for every device of every organisation, where nothing was tried yet.
    func hastenUntriedPushJobs(at time: Timestamp) throws
}
