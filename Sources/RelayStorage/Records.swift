public import Secrets
public import Statements

/// Hash of a statement's text.
public typealias StatementHash = Digest
/// SHA-256(0x00 ‖ entry).
public typealias LeafHash = Digest

/// A log's newest signed tree.
public struct StoredHead: Hashable, Sendable {
    public let size: UInt64
    public let root: Digest
    /// The checkpoint note.
    public let note: [UInt8]
    /// Key id ‖ signature of the log's line.
    public let signature: [UInt8]
    /// Hashes of the right edge, from which the next batch is computed a second time.
    public let edge: [Digest]

    public init(size: UInt64, root: Digest, note: [UInt8], signature: [UInt8], edge: [Digest]) {
        self.size = size
        self.root = root
        self.note = note
        self.signature = signature
        self.edge = edge
    }
}

/// A tree that was signed once.
public struct SignedTree: Hashable, Sendable {
    public let root: Digest
    /// Key id ‖ signature.
    public let signature: [UInt8]

    public init(root: Digest, signature: [UInt8]) {
        self.root = root
        self.signature = signature
    }
}

/// An entry about to be stored.
public struct NewEntry: Sendable {
    public let bytes: [UInt8]
    public let leafHash: LeafHash
    /// Hash of the statement's text, when ``RelayReader/index(ofStatement:in:of:)`` is to find it; occurs once in a log.
    public let statement: StatementHash?
    /// The message that it is about.
    public let message: MessageID?

    public init(bytes: [UInt8], leafHash: LeafHash, statement: StatementHash?, message: MessageID?) {
        self.bytes = bytes
        self.leafHash = leafHash
        self.statement = statement
        self.message = message
    }
}

/// What the relay must know of a logged message.
public struct StoredMessage: Hashable, Sendable {
    public let id: MessageID
    /// Index of the manifest in the activity log.
    public let index: UInt64
    /// Hash of the manifest.
    public let manifest: StatementHash
    public let sender: DeviceID
    public let senderMember: MemberID
    /// The member addressed.
    public let member: MemberID
    public let expires: Timestamp
    /// The devices that it was sealed to.
    public let recipients: [DeviceID]
    /// What it answers or carries on.
    public let reference: Manifest.Reference?

    public init(
        id: MessageID, index: UInt64, manifest: StatementHash, sender: DeviceID, senderMember: MemberID,
        member: MemberID, expires: Timestamp, recipients: [DeviceID], reference: Manifest.Reference? = nil
    ) {
        self.id = id
        self.index = index
        self.manifest = manifest
        self.sender = sender
        self.senderMember = senderMember
        self.member = member
        self.expires = expires
        self.recipients = recipients
        self.reference = reference
    }
}

/// A message's sealed parts that all recipients share.
public struct StoredParts: Hashable, Sendable {
    public let alert: [UInt8]
    public let capsule: [UInt8]?
    public let capsuleSealedKey: [UInt8]?
    public let recoverySealedKey: [UInt8]?
    public let content: [UInt8]

    public init(
        alert: [UInt8], capsule: [UInt8]?, capsuleSealedKey: [UInt8]?, recoverySealedKey: [UInt8]?, content: [UInt8]
    ) {
        self.alert = alert
        self.capsule = capsule
        self.capsuleSealedKey = capsuleSealedKey
        self.recoverySealedKey = recoverySealedKey
        self.content = content
    }
}

/// A device's queue in numbers.
public struct QueueState: Hashable, Sendable {
    /// The number of the last item ever queued.
    public let lastNumber: UInt64
    /// h(last number).
    public let runningHash: Digest
    /// Envelopes and notices.
    public let waiting: UInt64
    /// Of these, envelopes: what the queue's bound counts. Nobody can fill a queue with notices.
    public let envelopes: UInt64
    /// Sealed bytes of the waiting envelopes.
    public let waitingBytes: UInt64

    public init(lastNumber: UInt64, runningHash: Digest, waiting: UInt64, envelopes: UInt64, waitingBytes: UInt64) {
        self.lastNumber = lastNumber
        self.runningHash = runningHash
        self.waiting = waiting
        self.envelopes = envelopes
        self.waitingBytes = waitingBytes
    }

    public static let empty = QueueState(
        lastNumber: 0, runningHash: .zero, waiting: 0, envelopes: 0, waitingBytes: 0)
}

/// What an item brings.
public enum QueueItemKind: Int, Sendable {
    case envelope = 0
    case notice = 1
}

/// An item about to be queued.
public struct NewQueueItem: Sendable {
    public let kind: QueueItemKind
    /// Index in the activity log.
    public let index: UInt64
    public let leafHash: LeafHash
    public let message: MessageID
    /// Sealed bytes, for the queue's bound.
    public let byteCount: UInt64
    /// Whether a `served` event of the same batch names it.
    public let served: Bool

    public init(
        kind: QueueItemKind, index: UInt64, leafHash: LeafHash, message: MessageID, byteCount: UInt64, served: Bool
    ) {
        self.kind = kind
        self.index = index
        self.leafHash = leafHash
        self.message = message
        self.byteCount = byteCount
        self.served = served
    }
}

/// A waiting item.
public struct StoredQueueItem: Hashable, Sendable {
    public let number: UInt64
    public let kind: QueueItemKind
    public let index: UInt64
    public let message: MessageID
    /// Whether its bytes may have been let out before.
    public let served: Bool

    public init(number: UInt64, kind: QueueItemKind, index: UInt64, message: MessageID, served: Bool) {
        self.number = number
        self.kind = kind
        self.index = index
        self.message = message
        self.served = served
    }
}

/// A published prekey.
public struct StoredPrekey: Hashable, Sendable {
    public let id: PrekeyID
    public let purpose: PrekeyPurpose
    public let notAfter: Timestamp
    public let text: [UInt8]
    public let signature: [UInt8]

    public init(id: PrekeyID, purpose: PrekeyPurpose, notAfter: Timestamp, text: [UInt8], signature: [UInt8]) {
        self.id = id
        self.purpose = purpose
        self.notAfter = notAfter
        self.text = text
        self.signature = signature
    }
}

/// A prekey that was given out for one message and device, or the word that there was none.
public struct StoredClaim: Hashable, Sendable {
    public let message: MessageID
    public let device: DeviceID
    public let claimant: DeviceID
    public let prekey: StoredPrekey?
    /// Why there is none.
    public let without: WithoutReason?
    public let at: Timestamp
    public let used: Bool

    public init(
        message: MessageID, device: DeviceID, claimant: DeviceID, prekey: StoredPrekey?, without: WithoutReason?,
        at: Timestamp, used: Bool
    ) {
        self.message = message
        self.device = device
        self.claimant = claimant
        self.prekey = prekey
        self.without = without
        self.at = at
        self.used = used
    }
}

/// A device's receipts so far.
public struct StoredChain: Hashable, Sendable {
    public let number: UInt64
    public let last: StatementHash?

    public init(number: UInt64, last: StatementHash?) {
        self.number = number
        self.last = last
    }
}
