/// An entry of a log with its proof.
public struct LoggedEntry: Codable, Hashable, Sendable {
    /// `roster` or `activity`.
    public let log: String
    public let index: UInt64
    /// The whole entry as text (entries are valid UTF-8).
    public let entry: String
    /// A C2SP tlog-proof.
    public let proof: String
    /// The consistency proof from what the asker had seen to the proof's checkpoint, base64; empty when equal.
    public let consistency: [String]

    public init(log: String, index: UInt64, entry: String, proof: String, consistency: [String]) {
        self.log = log
        self.index = index
        self.entry = entry
        self.proof = proof
        self.consistency = consistency
    }
}

/// The answer to `GET …/head`: the present.
public struct HeadAnswer: Codable, Hashable, Sendable {
    /// A `nightbell.head/v1` note.
    public let head: String
    /// Checkpoint notes of exactly the sizes that the head names.
    public let roster: String
    public let activity: String
    /// Consistency proofs (base64 hashes) from the sizes asked with; empty when equal or none was given.
    public let rosterConsistency: [String]
    public let activityConsistency: [String]

    enum CodingKeys: String, CodingKey {
        case head, roster, activity
        case rosterConsistency = "roster_consistency"
        case activityConsistency = "activity_consistency"
    }

    public init(
        head: String, roster: String, activity: String, rosterConsistency: [String], activityConsistency: [String]
    ) {
        self.head = head
        self.roster = roster
        self.activity = activity
        self.rosterConsistency = rosterConsistency
        self.activityConsistency = activityConsistency
    }
}

/// The answer to `GET …/cosigned`: of each witness the checkpoint that it cosigned last, as a note with the log's signature
/// and the witness's.
public struct CosignedAnswer: Codable, Hashable, Sendable {
    public let checkpoints: [String]

    public init(checkpoints: [String]) { self.checkpoints = checkpoints }
}

/// `POST /v1/foundings`: asks for fresh log keys.
public struct FoundingRequest: Codable, Sendable {
    /// The operator's one-time code; absent where founding is open.
    public let code: String?

    public init(code: String?) { self.code = code }
}

/// The relay's part of a founding: its name for ever, and both public log keys (base64).
public struct FoundingOffer: Codable, Sendable {
    public let relay: String
    public let rosterKey: String
    public let activityKey: String

    enum CodingKeys: String, CodingKey {
        case relay
        case rosterKey = "roster_key"
        case activityKey = "activity_key"
    }

    public init(relay: String, rosterKey: String, activityKey: String) {
        self.relay = relay
        self.rosterKey = rosterKey
        self.activityKey = activityKey
    }
}

/// `POST /v1/orgs`: the founding statement.
public struct FoundingSubmission: Codable, Sendable {
    public let code: String?
    /// The `genesis` note.
    public let genesis: String

    public init(code: String?, genesis: String) {
        self.code = code
        self.genesis = genesis
    }
}

/// Answer to a founding: genesis and the first event.
public struct FoundingAnswer: Codable, Sendable {
    public let organisation: String
    public let genesis: LoggedEntry
    public let event: LoggedEntry

    public init(organisation: String, genesis: LoggedEntry, event: LoggedEntry) {
        self.organisation = organisation
        self.genesis = genesis
        self.event = event
    }
}

/// A prekey as it travels.
public struct PrekeyShape: Codable, Hashable, Sendable {
    /// The `nightbell.prekey/v1` text.
    public let text: String
    /// Base64, 64 bytes.
    public let signature: String

    public init(text: String, signature: String) {
        self.text = text
        self.signature = signature
    }
}

/// `PUT …/prekeys`: a device publishes. The same prekey twice is accepted once.
public struct PrekeyUpload: Codable, Sendable {
    /// At most 128 at once.
    public let oneTime: [PrekeyShape]
    public let fallback: PrekeyShape?

    enum CodingKeys: String, CodingKey {
        case oneTime = "one_time"
        case fallback
    }

    public init(oneTime: [PrekeyShape], fallback: PrekeyShape?) {
        self.oneTime = oneTime
        self.fallback = fallback
    }
}

/// Answer to `PUT …/prekeys`.
public struct PrekeyCount: Codable, Sendable {
    /// One-time prekeys that the relay now holds for the device.
    public let oneTimeLeft: UInt64

    enum CodingKeys: String, CodingKey { case oneTimeLeft = "one_time_left" }

    public init(oneTimeLeft: UInt64) { self.oneTimeLeft = oneTimeLeft }
}

/// `POST …/claims`: one prekey of each device, for one message. Idempotent per message and device for 24 h.
public struct ClaimRequest: Codable, Sendable {
    public let message: String
    public let devices: [String]

    public init(message: String, devices: [String]) {
        self.message = message
        self.devices = devices
    }
}

/// Answer to `POST …/claims`, in the order of the request.
public struct ClaimAnswer: Codable, Sendable {
    public struct Claimed: Codable, Sendable {
        public let device: String
        /// Absent when the device has no valid prekey or its queue is full: name it `without`.
        public let prekey: PrekeyShape?
        /// `no_prekey` or `queue_full` where there is no prekey.
        public let without: String?

        public init(device: String, prekey: PrekeyShape?, without: String?) {
            self.device = device
            self.prekey = prekey
            self.without = without
        }
    }

    public let prekeys: [Claimed]
    public let head: HeadAnswer

    public init(prekeys: [Claimed], head: HeadAnswer) {
        self.prekeys = prekeys
        self.head = head
    }
}

/// One item of a device's queue, as polled or streamed.
public struct QueueItem: Codable, Hashable, Sendable {
    /// Counts the device's items from 1; the stream's event id.
    public let number: UInt64
    /// The entry that makes the item: a manifest, or a notice about one of the member's own messages.
    public let entry: LoggedEntry
    /// With a manifest: this device's sealed key and the sealed parts, base64.
    public let sealedKey: String?
    public let alert: String?
    public let capsule: String?
    public let content: String?

    enum CodingKeys: String, CodingKey {
        case number, entry, alert, capsule, content
        case sealedKey = "sealed_key"
    }

    public init(
        number: UInt64, entry: LoggedEntry, sealedKey: String?, alert: String?, capsule: String?, content: String?
    ) {
        self.number = number
        self.entry = entry
        self.sealedKey = sealedKey
        self.alert = alert
        self.capsule = capsule
        self.content = content
    }
}

/// `GET /v1/inbox?after=N&activity=S`: polling gives the same as the stream. `after` says: everything up to N is
/// durably stored here; notices up to N leave the queue, envelopes leave it with their receipt.
public struct InboxAnswer: Codable, Sendable {
    /// At most 100, in order.
    public let items: [QueueItem]
    /// Whether more wait behind the last.
    public let more: Bool
    public let head: HeadAnswer

    public init(items: [QueueItem], more: Bool, head: HeadAnswer) {
        self.items = items
        self.more = more
        self.head = head
    }
}

/// Answer to `POST …/receipts` and `POST …/accesses`: one logged entry a statement, in order. A refused one refuses those
/// after it.
public struct ReceiptsAnswer: Codable, Sendable {
    public let logged: [LoggedEntry]
    /// Why the next one was refused.
    public let refused: Problem?

    public init(logged: [LoggedEntry], refused: Problem?) {
        self.logged = logged
        self.refused = refused
    }
}

/// `GET …/messages/{msg}`: every entry about a message that concerns the asker, in log order, under one checkpoint.
public struct MessageHistory: Codable, Sendable {
    public let entries: [LoggedEntry]

    public init(entries: [LoggedEntry]) { self.entries = entries }
}

/// `GET …/messages/{msg}/capsule`: for auditors.
public struct CapsuleAnswer: Codable, Sendable {
    /// The capsule's key, sealed to the audit key; base64.
    public let sealedKey: String
    public let capsule: String

    enum CodingKeys: String, CodingKey {
        case sealedKey = "sealed_key"
        case capsule
    }

    public init(sealedKey: String, capsule: String) {
        self.sealedKey = sealedKey
        self.capsule = capsule
    }
}

/// `GET …/audit-key/offers`: notes of `nightbell.audit-key/v1`, the latest of each auditor's device.
public struct AuditKeyOffers: Codable, Sendable {
    public let offers: [String]

    public init(offers: [String]) { self.offers = offers }
}

/// Data of the stream's `prekeys` event: publish more.
public struct PrekeysWanted: Codable, Sendable {
    public let oneTimeLeft: UInt64

    enum CodingKeys: String, CodingKey { case oneTimeLeft = "one_time_left" }

    public init(oneTimeLeft: UInt64) { self.oneTimeLeft = oneTimeLeft }
}
