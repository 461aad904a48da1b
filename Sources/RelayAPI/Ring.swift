/// `PUT /v1/inbox/ring-token`: a device says by which token its locked client may listen from now on. The relay never sees
/// the token until it is used, and keeps only its hash.
public struct RingTokenRequest: Codable, Sendable {
    /// SHA-256 of the token's 32 bytes, in hex.
    public let hash: String

    public init(hash: String) { self.hash = hash }
}

/// Answer to `PUT /v1/inbox/ring-token`.
public struct RingTokenAnswer: Codable, Sendable {
    /// When the token is over, by the relay's clock.
    public let expires: String

    public init(expires: String) { self.expires = expires }
}

/// Names of the ring stream's events. It carries nothing sealed, and no message's id.
public enum RingStreamEvent: String, Sendable {
    /// A ``RingWord``: at the start, and whenever it changes or something new waits.
    case ring
    /// A ``RingHead``: at the start, and once a minute.
    case head
    case keepAlive = "keep-alive"
    /// A ``Problem``: the stream ends with it.
    case end
}

/// Data of the ring stream's `ring` event: that something waits, and nothing else of it.
public struct RingWord: Codable, Hashable, Sendable {
    /// How many messages to this device nobody has answered; no more than 256 are counted.
    public let waiting: UInt64
    /// The highest urgency among them; absent when none waits.
    public let urgency: String?
    /// Whether a message came since the last event.
    public let isNew: Bool

    enum CodingKeys: String, CodingKey {
        case waiting, urgency
        case isNew = "new"
    }

    public init(waiting: UInt64, urgency: String?, isNew: Bool) {
        self.waiting = waiting
        self.urgency = urgency
        self.isNew = isNew
    }
}

/// Data of the ring stream's `head` event.
public struct RingHead: Codable, Hashable, Sendable {
    /// A `nightbell.head/v1` note.
    public let head: String

    public init(head: String) { self.head = head }
}

/// Data of the stream's `answered` event: another device said something about a message of this one's. A hint: what it said
/// is asked for and verified.
public struct AnsweredHint: Codable, Hashable, Sendable {
    public let message: String

    public init(message: String) { self.message = message }
}
