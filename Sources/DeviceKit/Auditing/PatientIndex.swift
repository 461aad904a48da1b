import DeviceStorage
import Sealing
public import Secrets
public import Statements

/// What an auditor's device has read of the capsules: whom each message is about.
///
/// It lies in the profile, sealed under the store key; found by a keyed hash of the patient's identifier, under a key of this
/// profile alone. It can be lost: it is made anew from the relay.
public struct IndexedCapsule: Sendable {
    public let message: MessageID
    public let index: UInt64
    /// Hash of the manifest that it was read under.
    public let manifest: Digest
    /// `opened`, `unsought`, `none`, `closed` and a key, or why it did not open.
    public let state: String
    /// What the capsule names, when it was opened.
    public let content: CapsuleContent?

    public static let none = "none"
    public static let opened = "opened"
    /// Opened, and what it names is no identifier that anybody can seek: blanks, or too long.
    public static let unsought = "unsought"
    /// Sealed to an audit key that is not held here.
    public static func closed(_ key: PrekeyID) -> String { "closed \(key)" }

    /// That of a capsule that opened.
    public static func state(of content: CapsuleContent) -> String {
        content.patient != nil && content.patient.flatMap { PatientName($0) } == nil ? unsought : opened
    }

    /// Whom it names, as names are compared; `nil` when it names nobody that can be sought, or is not open here.
    public var patient: PatientName? { content?.patient.flatMap { PatientName($0) } }

    /// Whether it is known to name no patient: it was opened and names none, or the message carries none.
    public var namesNobody: Bool { content?.patient == nil && (state == Self.opened || state == Self.none) }

    /// The audit key of a capsule that is closed.
    public var closedKey: PrekeyID? {
        state.hasPrefix("closed ") ? PrekeyID(String(state.dropFirst("closed ".count))) : nil
    }

    public init(message: MessageID, index: UInt64, manifest: Digest, state: String, content: CapsuleContent?) {
        self.message = message
        self.index = index
        self.manifest = manifest
        self.state = state
        self.content = content
    }

    init?(_ row: CapsuleRow) {
        guard let message = MessageID(row.message), let manifest = Digest(row.manifest) else { return nil }
        self.init(
            message: message, index: row.index, manifest: manifest, state: row.state,
            content: row.content.flatMap { CapsuleContent(plaintext: $0) })
    }
}

extension DeviceSession {
    /// How many entries of the activity log the index covers.
    public func indexedSize() throws -> UInt64 {
        let stored = try profile.store.look { try $0.setting(.capsulesRead) }
        return stored.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// Keeps what was read of a stretch of the log, and how far it reaches, in one step.
    /// - Parameter size: How many entries are covered then; `nil` for readings that were made again.
    public func index(_ capsules: [IndexedCapsule], upTo size: UInt64?) throws {
        let rows = try withOwnQueryKey { key in
            var rows: [CapsuleRow] = []
            for capsule in capsules {
                var lookup: [UInt8]?
                if let name = capsule.patient {
                    lookup = key.lookup(of: name.bytes).bytes
                }
                rows.append(
                    CapsuleRow(
                        message: capsule.message.description, index: capsule.index, manifest: capsule.manifest.bytes,
                        state: capsule.state, patient: lookup, content: capsule.content?.plaintext))
            }
            return rows
        }
        try profile.store.step { step in
            for row in rows { try step.put(row) }
            if let size { try step.set(.capsulesRead, to: Array("\(size)".utf8)) }
        }
    }

    /// Forgets the index: it was read from a log that was not the one.
    public func forgetIndex() throws {
        try profile.store.step { step in
            try step.removeCapsules()
            try step.set(.capsulesRead, to: nil)
        }
    }

    /// The capsules that name this patient, in the order of the log.
    public func capsules(about patient: PatientName) throws -> [IndexedCapsule] {
        let lookup = try withOwnQueryKey { $0.lookup(of: patient.bytes).bytes }
        return try profile.store.look { try $0.capsules(of: lookup) }.compactMap { IndexedCapsule($0) }
    }

    /// The capsules of these messages, in the order of the log.
    public func capsules(of messages: some Sequence<MessageID>) throws -> [IndexedCapsule] {
        let ids = messages.map(\.description)
        return try profile.store.look { try $0.capsules(ofMessages: ids) }.compactMap { IndexedCapsule($0) }
    }

    /// What gives messages' capsules, one after the other; `nil` for one that the index does not hold.
    public func capsuleLookup() -> @Sendable (MessageID) throws -> IndexedCapsule? {
        let store = profile.store
        return { message in
            let rows = try store.look { try $0.capsules(ofMessages: [message.description]) }
            return rows.first.flatMap { IndexedCapsule($0) }
        }
    }

    /// The capsules that are neither absent nor open, in the order of the log: they are asked for again.
    public func unopenedCapsules() throws -> [IndexedCapsule] {
        try profile.store.look { store in
            let states = try store.countOfCapsules().keys.filter {
                ![IndexedCapsule.none, IndexedCapsule.opened, IndexedCapsule.unsought].contains($0)
            }
            return try store.capsules(in: states.sorted())
        }.compactMap { IndexedCapsule($0) }
    }

    /// The messages whose capsules opened and name nobody, in the order of the log.
    public func messagesWithoutPatient() throws -> [MessageID] { try messagesWithoutPatient(in: IndexedCapsule.opened) }

    /// The messages whose capsules name somebody as no question can, in the order of the log.
    public func messagesOfUnsoughtPatients() throws -> [MessageID] {
        try messagesWithoutPatient(in: IndexedCapsule.unsought)
    }

    /// The messages that carry no capsule, in the order of the log.
    public func messagesWithoutCapsule() throws -> [MessageID] { try messagesWithoutPatient(in: IndexedCapsule.none) }

    private func messagesWithoutPatient(in state: String) throws -> [MessageID] {
        try profile.store.look { try $0.messagesWithoutPatient(in: state) }.compactMap { MessageID($0) }
    }

    /// Which manifest each message's capsule was read under.
    public func indexedManifests() throws -> [MessageID: Digest] {
        var manifests: [MessageID: Digest] = [:]
        for (message, hash) in try profile.store.look({ try $0.capsuleManifests() }) {
            if let message = MessageID(message), let hash = Digest(hash) { manifests[message] = hash }
        }
        return manifests
    }
}
