public import Secrets
public import Statements
public import TransparencyLog

/// Every path of the API, in one place for both sides.
public enum APIPath {
    public static let foundings = "/v1/foundings"
    public static let organisations = "/v1/orgs"
    public static let inbox = "/v1/inbox"
    public static let stream = "/v1/inbox/stream"
    /// PUT: ``RingTokenRequest``; answer ``RingTokenAnswer``.
    public static let ringToken = "/v1/inbox/ring-token"
    /// GET with a ring token, and nothing else, as `Authorization: Bearer`: server-sent events (``RingStreamEvent``).
    public static let ring = "/v1/inbox/ring"
    /// GET: ``PushAnswer``.
    public static let push = "/v1/inbox/push"

    /// PUT: ``PushRegistration``; answer ``PushTried``. DELETE: answer ``PushAnswer``.
    public static func subscription(_ id: SubscriptionID) -> String { push + "/\(id)" }
    /// POST: ``PushProof``; answer ``PushSubscription``.
    public static func subscriptionProof(_ id: SubscriptionID) -> String { subscription(id) + "/proof" }
    /// POST without a body: another challenge; answer ``PushTried``.
    public static func subscriptionTest(_ id: SubscriptionID) -> String { subscription(id) + "/test" }

    public static func organisation(_ id: OrganisationID) -> String { "/v1/orgs/\(id)" }
    /// POST: a roster statement's note; answer ``LoggedEntry``.
    public static func rosterStatements(_ id: OrganisationID) -> String { organisation(id) + "/roster/statements" }
    public static func checkpoint(_ id: OrganisationID, _ log: LogKind) -> String {
        organisation(id) + "/\(log.rawValue)/checkpoint"
    }
    /// GET: ``CosignedAnswer``.
    public static func cosigned(_ id: OrganisationID, _ log: LogKind) -> String {
        organisation(id) + "/\(log.rawValue)/cosigned"
    }
    public static func tile(_ id: OrganisationID, _ log: LogKind, _ tile: TilePath) -> String {
        organisation(id) + "/\(log.rawValue)/\(tile)"
    }
    /// GET: ``HeadAnswer``; query `roster` and `activity` are the sizes that the asker remembers.
    public static func head(_ id: OrganisationID) -> String { organisation(id) + "/head" }
    /// POST: an envelope (``Envelope``); answer ``LoggedEntry``.
    public static func messages(_ id: OrganisationID) -> String { organisation(id) + "/messages" }
    /// GET: ``MessageHistory``.
    public static func message(_ id: OrganisationID, _ message: MessageID) -> String {
        organisation(id) + "/messages/\(message)"
    }
    /// GET: ``CapsuleAnswer``.
    public static func capsule(_ id: OrganisationID, _ message: MessageID) -> String {
        organisation(id) + "/messages/\(message)/capsule"
    }
    /// Sealed attachments before their message, by SHA-256. GET: ``BlobState``; PUT with `offset` and `size`: a piece of at
    /// most ``APILimits/pieceByteCount`` bytes; answer ``BlobState``.
    public static func blob(_ id: OrganisationID, _ hash: Digest) -> String { organisation(id) + "/blobs/\(hash.hex)" }
    /// GET with `offset`: sealed bytes from there, at most ``APILimits/pieceByteCount``.
    public static func attachment(_ id: OrganisationID, _ message: MessageID, _ index: Int) -> String {
        organisation(id) + "/messages/\(message)/attachments/\(index)"
    }
    /// POST: receipts (``NoteBatch``); answer ``ReceiptsAnswer``.
    public static func receipts(_ id: OrganisationID) -> String { organisation(id) + "/receipts" }
    /// POST: looks of an auditor (``NoteBatch``), before anything is shown; answer ``ReceiptsAnswer``.
    public static func accesses(_ id: OrganisationID) -> String { organisation(id) + "/accesses" }
    /// POST: ``ClaimRequest``; answer ``ClaimAnswer``.
    public static func claims(_ id: OrganisationID) -> String { organisation(id) + "/claims" }
    /// PUT: ``PrekeyUpload``; answer ``PrekeyCount``.
    public static func prekeys(_ id: OrganisationID) -> String { organisation(id) + "/prekeys" }
    /// GET: ``AuditKeyOffers``; POST: one note.
    public static func auditKeyOffers(_ id: OrganisationID) -> String { organisation(id) + "/audit-key/offers" }
}

/// Names of the stream's events.
public enum StreamEvent: String, Sendable {
    /// Carries an id, the queue number, and a ``QueueItem``.
    case item
    /// A ``HeadAnswer``.
    case head
    /// The backlog that was there at the start is through.
    case drained
    case keepAlive = "keep-alive"
    /// ``PrekeysWanted``.
    case prekeys
    /// An ``AnsweredHint``.
    case answered
    /// A ``Problem``: the stream ends with it.
    case end

    /// 10 s: how often something comes at the least.
    public static let keepAliveSeconds: Int64 = 10
    /// 25 s of silence: the client gives the link up.
    public static let silenceSeconds: Int64 = 25
}

/// Bounds that both sides know.
public enum APILimits {
    /// A whole envelope: manifest, 256 sealed keys, recovery, capsule, alert and content.
    public static let envelopeByteCount = 458_752
    /// Statements, claims, uploads and receipt batches.
    public static let bodyByteCount = 262_144
    /// 256 KiB: a piece of a sealed attachment, up or down. Small enough to get through a bad link in time.
    public static let pieceByteCount = 262_144
    /// Sealed attachments that a device has at the relay without a message: in number, and in bytes together (128 MiB).
    public static let looseBlobs = 32
    public static let looseBlobByteCount: UInt64 = 134_217_728
    /// Of one sealed attachment: 25 MiB, padded and sealed.
    public static let blobByteCount: UInt64 = 26_286_777
    /// 1 hour: how long the relay keeps a sealed attachment that no message names.
    public static let looseBlobSeconds: Int64 = 3_600
    /// Receipts in a batch.
    public static let receiptsInBatch = 64
    /// Looks in a batch.
    public static let accessesInBatch = 64
    /// Looks of one signer that are logged within an hour.
    public static let accessesPerHour: UInt64 = 240
    /// Items in one answer to polling.
    public static let itemsInAnswer = 100
    /// Unreceipted envelopes in flight on a stream.
    public static let itemsInFlight = 256
    /// One-time prekeys in an upload, and the most that the relay keeps for a device.
    public static let prekeysInUpload = 128
    public static let prekeysKept = 256
    /// A ring token, and how long it is good.
    public static let ringTokenByteCount = 32
    public static let ringTokenSeconds: Int64 = 86_400
    /// Subscriptions of one device, those that were dropped included.
    public static let subscriptions: UInt64 = 8
    /// Registrations and tests of one device within an hour: each is a request to an address that the device chose.
    public static let challengesPerHour: UInt64 = 30
    /// 24 hours: how long a challenge may be said back. A phone may be off for as long.
    public static let challengeSeconds: Int64 = 86_400
}
