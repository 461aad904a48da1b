public import Statements

/// What the logs tell of one device: what was let out to it, what it said, what it sent, when it was last heard of.
public struct DeviceStory: Sendable {
    /// How far a message came on the device, as far as the logs say.
    public enum Holding: String, CaseIterable, Comparable, Sendable {
        /// Its sealed bytes never left the relay for this device.
        case notServed = "not_served"
        /// A page went out: the sealed key and the short sealed preview, not the content.
        case pushed
        /// Its sealed bytes may have left for the device; no receipt says that they opened.
        case served
        /// The device says that it did not open there.
        case didNotOpen = "did_not_open"
        /// Opened and stored there; no receipt says that a person saw it.
        case stored
        /// A person opened it there, or took something of it out.
        case shown

        public static func < (left: Self, right: Self) -> Bool {
            allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
        }

        /// Whether who has the device's keys can read the content, or at least the preview.
        public var isReadable: Bool { self != .notServed }
    }

    /// A message that was sealed to the device.
    public struct Received: Sendable {
        /// With the facts of this device alone.
        public let message: AuditedMessage
        public let holding: Holding
        /// Whether it was sealed to a fallback prekey: its private half is kept after the message was delivered.
        public let isFallback: Bool
        /// Whether the relay gave it up for the device.
        public let isUndeliverable: Bool

        /// Each file that was saved there out of the client, in clear: a receipt stood in the log before it was written.
        public var saves: [AuditedMessage.Fact] {
            message.facts.filter { $0.word == ReceiptAction.disclosed.rawValue }
        }

        /// Each time when its sealed bytes, or a page of it, were let out to the device, in the order of the log.
        public var releases: [AuditedMessage.Fact] {
            message.facts.filter {
                $0.word == "pushed" || ($0.word == "served" && $0.reason == RelayEvent.Served.envelope.rawValue)
            }
        }

        /// Each receipt which says that a person opened it there, or took something of it out.
        public var openings: [AuditedMessage.Fact] { message.facts.filter { DeviceStory.openings.contains($0.word) } }

        /// What a person did with it there at a moment or later, by log time: what a device does by itself is left out.
        public func deeds(since moment: Timestamp) -> [AuditedMessage.Fact] {
            let own: Set<ReceiptAction> = [.delivered, .undecryptable]
            return message.facts.filter { fact in
                fact.logged >= moment && ReceiptAction(rawValue: fact.word).map { !own.contains($0) } ?? false
            }
        }

        /// The first fact of this word.
        public func first(_ word: String) -> AuditedMessage.Fact? { message.facts.first { $0.word == word } }
    }

    /// Something that the device signed.
    public struct Act: Sendable {
        public let log: LogKind
        public let index: UInt64
        /// Log time.
        public let logged: Timestamp
        /// `manifest`, a receipt's action, `access`, or a roster statement's type.
        public let word: String
    }

    public let device: DeviceID
    /// In the order of the log.
    public private(set) var received: [Received] = []
    /// Without facts.
    public private(set) var sent: [AuditedMessage] = []
    public private(set) var looks: [AuditedAccess] = []
    /// Messages that could not be sealed to it.
    public private(set) var without: [(message: MessageID, reason: WithoutReason)] = []
    /// The newest thing that it signed.
    public private(set) var lastAct: Act?
    /// When sealed bytes or a notice last left for it.
    public private(set) var lastServed: AuditedMessage.Fact?
    /// What was found that names it, or that is about what it sent.
    public private(set) var findings: [AuditFinding] = []

    /// How long the private half of a fallback prekey is kept at the most: 37 days (Protocol, "Keys").
    public static let fallbackDays = 37

    /// - Parameter verdict: Of an audit that kept the device's facts.
    /// - Throws: ``AuditError`` when what was kept cannot be read.
    public init(_ device: DeviceID, _ verdict: AuditVerdict, _ history: RosterHistory) throws {
        self.device = device
        if let line = history.last(signedBy: device) {
            lastAct = Act(log: .roster, index: line.index, logged: line.time, word: line.statement.word)
        }
        var concerned: Set<MessageID> = []
        try verdict.forEachMessage(.devices([device])) { message in
            if message.sender == device {
                concerned.insert(message.message)
                sent.append(message)
                note(.activity, message.index, message.logged, "manifest")
            }
            if let left = message.without.first(where: { $0.device == device }) {
                without.append((message.message, left.reason))
            }
            for fact in message.facts where fact.device == device { take(fact) }
            guard let recipient = message.recipients.first(where: { $0.device == device }) else { return }
            received.append(
                Received(
                    message: message, holding: Self.holding(message.facts),
                    isFallback: message.facts.contains { $0.word == "fallback" },
                    isUndeliverable: recipient.isUndeliverable))
        }
        for look in try verdict.accesses(where: { $0.access.signer == .device(device) }) {
            looks.append(look)
            note(.activity, look.index, look.logged, "access")
        }
        let id = device.description
        findings = verdict.findings.filter { finding in
            finding.sentence.contains(id) || (finding.message.map(concerned.contains) ?? false)
        }
    }

    private mutating func take(_ fact: AuditedMessage.Fact) {
        if ReceiptAction(rawValue: fact.word) != nil { note(.activity, fact.index, fact.logged, fact.word) }
        if fact.word == "served", fact.index >= lastServed?.index ?? 0 { lastServed = fact }
    }

    /// Keeps the newer of two acts; in one log the later place, between the logs the later time.
    private mutating func note(_ log: LogKind, _ index: UInt64, _ logged: Timestamp, _ word: String) {
        if let last = lastAct, (last.logged, last.index) > (logged, index) { return }
        lastAct = Act(log: log, index: index, logged: logged, word: word)
    }

    /// The receipts of a message that a person has seen.
    private static let openings = Set([ReceiptAction.read, .disclosed, .filed].map(\.rawValue))

    static func holding(_ facts: [AuditedMessage.Fact]) -> Holding {
        facts.map { fact -> Holding in
            switch fact.word {
            case "pushed": .pushed
            case "served": fact.reason == RelayEvent.Served.envelope.rawValue ? .served : .notServed
            case ReceiptAction.undecryptable.rawValue: .didNotOpen
            case let word where openings.contains(word): .shown
            default: ReceiptAction(rawValue: fact.word) == nil ? .notServed : .stored
            }
        }.max() ?? .notServed
    }
}
