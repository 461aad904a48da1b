public import Secrets

/// The relay's own record of what it did. Unsigned: the checkpoint covers it.
public struct RelayEvent: StatementText {
    public static let type: StaticString = "nightbell.event/v1"
    /// 16.
    public static let saltByteCount = 16

    /// What left for a device.
    public enum Served: String, Sendable {
        /// Manifest, sealed key and sealed parts.
        case envelope
        /// An entry about one of the member's own messages.
        case notice
    }

    /// Why a device will not get a message.
    public enum UndeliverableReason: String, Sendable {
        case revoked
        case noPrekey = "no_prekey"
        case queueFull = "queue_full"
    }

    public enum Kind: Hashable, Sendable {
        /// From here on this roster is in force.
        case roster(size: UInt64, root: Digest)
        /// The relay may have let these bytes out.
        case served(DeviceID, MessageID, Served)
        case undeliverable(DeviceID, MessageID, UndeliverableReason)
        /// A fallback prekey went out, for no one-time prekey was left.
        case fallback(DeviceID, MessageID, PrekeyID)
        /// Nobody acknowledged the message before it expired.
        case unanswered(MessageID)
        /// The relay tried to push the message's page to a device for this time, from 1.
        case pushed(DeviceID, MessageID, PageTransport, attempt: UInt64, PageOutcome)
        /// A device's subscription to pages.
        case subscription(DeviceID, PageTransport, SubscriptionChange)
    }

    public let organisation: OrganisationID
    /// Makes each event's hash its own, and unguessable.
    public let salt: [UInt8]
    public let kind: Kind

    public init(organisation: OrganisationID, kind: Kind, salt: [UInt8] = randomBytes(saltByteCount)) {
        self.organisation = organisation
        self.kind = kind
        self.salt = salt
    }

    /// The message that the event is about.
    public var message: MessageID? {
        switch kind {
        case .roster, .subscription: nil
        case .served(_, let message, _), .undeliverable(_, let message, _), .fallback(_, let message, _),
            .unanswered(let message), .pushed(_, let message, _, _, _):
            message
        }
    }

    /// The device that the event is about.
    public var device: DeviceID? {
        switch kind {
        case .roster, .unanswered: nil
        case .served(let device, _, _), .undeliverable(let device, _, _), .fallback(let device, _, _),
            .pushed(let device, _, _, _, _), .subscription(let device, _, _):
            device
        }
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        let word = String(decoding: try reader.value("kind"), as: UTF8.self)
        let kindError = reader.error("kind", .unknownType)
        salt = try reader.binary("salt", count: Self.saltByteCount)
        switch word {
        case "roster":
            let fields = try reader.fields("roster", count: 2)
            let error = reader.error("roster")
            kind = .roster(
                size: try TextReader.integer(fields[0], or: error), root: try TextReader.hash(fields[1], or: error))
        case "served":
            kind = .served(try reader.identifier("device"), try reader.identifier("message"), try reader.word("what"))
        case "undeliverable":
            kind = .undeliverable(
                try reader.identifier("device"), try reader.identifier("message"), try reader.word("reason"))
        case "fallback":
            kind = .fallback(
                try reader.identifier("device"), try reader.identifier("message"), try reader.identifier("prekey"))
        case "unanswered":
            kind = .unanswered(try reader.identifier("message"))
        case "pushed":
            kind = .pushed(
                try reader.identifier("device"), try reader.identifier("message"), try reader.word("transport"),
                attempt: try reader.integer("attempt"), try reader.word("outcome"))
        case "subscription":
            kind = .subscription(
                try reader.identifier("device"), try reader.word("transport"), try reader.word("change"))
        default:
            throw kindError
        }
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        writer.line("kind", kind.word)
        writer.line("salt", Binary(salt))
        switch kind {
        case .roster(let size, let root):
            writer.line("roster", size, root)
        case .served(let device, let message, let what):
            writer.line("device", device)
            writer.line("message", message)
            writer.line("what", what.rawValue)
        case .undeliverable(let device, let message, let reason):
            writer.line("device", device)
            writer.line("message", message)
            writer.line("reason", reason.rawValue)
        case .fallback(let device, let message, let prekey):
            writer.line("device", device)
            writer.line("message", message)
            writer.line("prekey", prekey)
        case .unanswered(let message):
            writer.line("message", message)
        case .pushed(let device, let message, let transport, let attempt, let outcome):
            writer.line("device", device)
            writer.line("message", message)
            writer.line("transport", transport.rawValue)
            writer.line("attempt", attempt)
            writer.line("outcome", outcome.rawValue)
        case .subscription(let device, let transport, let change):
            writer.line("device", device)
            writer.line("transport", transport.rawValue)
            writer.line("change", change.rawValue)
        }
    }
}

extension RelayEvent.Kind {
    /// The word in the text, also a bounded label for metrics.
    public var word: String {
        switch self {
        case .roster: "roster"
        case .served: "served"
        case .undeliverable: "undeliverable"
        case .fallback: "fallback"
        case .unanswered: "unanswered"
        case .pushed: "pushed"
        case .subscription: "subscription"
        }
    }
}
