import Auditing
import DeviceKit
import Sealing
import Statements
import TransparencyLog

/// Brings this auditor's index of capsules up to the newest checkpoint: only what is new is fetched and opened.
///
/// Where an audit has not read the new entries yet either, it keeps along what that reads (``RelayAuditSource``): each capsule is
/// fetched once.
struct PatientIndexing {
    private let session: DeviceSession

    init(_ session: DeviceSession) { self.session = session }

    /// - Throws: ``DeviceKitError``, and what the relay answers.
    func bringUpToDate() async throws {
        guard let size = session.checkpoints[.activity]?.size else { return }
        try await read(upTo: size)
        let reader = CapsuleReader(RelayAuditSource(session, checkpoints: [:]))
        do {
            // What did not open, or was not there, may be now; of those that are closed, whose key came since.
            for capsule in try session.unopenedCapsules() {
                guard try isWorthAnotherLook(capsule), let again = try await reader.read(at: capsule.index, size: size)
                else { continue }
                try session.index([Self.indexed(again)], upTo: nil)
            }
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    /// Reads what the index does not cover of a log of `size` entries.
    func read(upTo size: UInt64) async throws {
        let reader = CapsuleReader(RelayAuditSource(session, checkpoints: [:]))
        do {
            try await reader.read(from: session.indexedSize(), size: size) { readings, next in
                try session.index(readings.map(Self.indexed), upTo: next)
            }
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    /// Keeps what an audit read, which begins no later than where the index ends.
    func take(_ readings: [CapsuleReading], upTo next: UInt64) throws {
        let isNew = try next > session.indexedSize()
        guard isNew || !readings.isEmpty else { return }
        // What was indexed before is read again only when the whole log is: then this is what holds.
        try session.index(readings.map(Self.indexed), upTo: isNew ? next : nil)
    }

    /// What one message's capsule names, read now.
    /// - Parameter message: As it was audited.
    /// - Throws: ``DeviceKitError`` when the relay gives another manifest than the one that was audited.
    func capsule(of message: AuditedMessage) async throws -> IndexedCapsule {
        let size = max(session.checkpoints[.activity]?.size ?? 0, message.index + 1)
        let reader = CapsuleReader(RelayAuditSource(session, checkpoints: [:]))
        do {
            guard let reading = try await reader.read(at: message.index, size: size),
                reading.manifest == message.manifest
            else { throw AuditError(.notTheLog, "the manifest of \(message.message)") }
            return Self.indexed(reading)
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    /// Holds the index against the logs that were audited since: whoever gives one log to be indexed, and another to be
    /// audited, hides nothing.
    func check(against verdict: AuditVerdict) throws {
        let size = try session.indexedSize()
        let manifests = try session.indexedManifests()
        var isSame = true
        try verdict.forEachMessage(.none) { message in
            if message.index < size, manifests[message.message] != message.manifest { isSame = false }
        }
        guard isSame else {
            try session.forgetIndex()
            throw DeviceKitError(
                "index_differs", .verification,
                "the relay gave other messages when their capsules were read than those in its log; the index is forgotten",
                next:
                    "repeat the command; if it says so again, run \"nightbell audit verify\" and tell the relay's operator"
            )
        }
    }

    private func isWorthAnotherLook(_ capsule: IndexedCapsule) throws -> Bool {
        guard let key = capsule.closedKey else { return true }
        return try session.withAuditKey { $0.publicKey.id == key } ?? false
    }

    static func indexed(_ reading: CapsuleReading) -> IndexedCapsule {
        var content: CapsuleContent?
        var state: String
        switch reading.outcome {
        case .none: state = IndexedCapsule.none
        case .closed(let key): state = IndexedCapsule.closed(key)
        case .broken(let code): state = code.rawValue
        case .notGiven(let cause): state = cause.code.rawValue
        case .opened(let plaintext):
            content = CapsuleContent(plaintext: plaintext)
            state = content.map(IndexedCapsule.state) ?? AuditFinding.Code.capsuleMalformed.rawValue
        }
        return IndexedCapsule(
            message: reading.message, index: reading.index, manifest: reading.manifest, state: state, content: content)
    }
}

/// What an answer from capsules does not cover.
struct IndexCoverage {
    /// Entries of the activity log whose capsules were read.
    let size: UInt64
    /// Messages that carry no capsule, and go back to none that names somebody.
    let without: [MessageID]
    /// Messages whose capsules name no patient, and that go back to none that does.
    let unnamed: [MessageID]
    /// Messages whose capsules name somebody as no question can.
    let unsought: [MessageID]
    /// Capsules of audit keys that are not held here, by key.
    let closed: [(key: PrekeyID, count: Int)]
    /// Those that did not open, each named.
    let broken: [IndexedCapsule]

    init(_ session: DeviceSession, _ subjects: MessageSubjects) throws {
        size = try session.indexedSize()
        without = try session.messagesWithoutCapsule().filter { try subjects.subject(behind: $0) == nil }
        unnamed = try session.messagesWithoutPatient().filter { try subjects.subject(behind: $0) == nil }
        unsought = try session.messagesOfUnsoughtPatients()
        let unopened = try session.unopenedCapsules()
        closed = Dictionary(grouping: unopened.compactMap(\.closedKey)) { $0 }
            .map { (key: $0.key, count: $0.value.count) }.sorted { $0.key < $1.key }
        broken = unopened.filter { $0.closedKey == nil }
    }

    /// Whether nothing is left unsaid.
    var isComplete: Bool {
        without.isEmpty && unnamed.isEmpty && unsought.isEmpty && closed.isEmpty && broken.isEmpty
    }

    var document: JSONValue {
        [
            "covered": .integer(size), "no_capsule": .integer(without.count), "no_patient": .integer(unnamed.count),
            "no_capsule_messages": .array(without.map { .text($0) }),
            "no_patient_messages": .array(unnamed.map { .text($0) }),
            "unsought_messages": .array(unsought.map { .text($0) }),
            "closed": .array(closed.map { ["audit_key": .text($0.key), "count": .integer($0.count)] }),
            "not_opened": .array(
                broken.map {
                    ["message": .text($0.message), "index": .integer($0.index), "code": .string($0.state)]
                }),
        ]
    }

    var lines: [String] {
        var lines: [String] = []
        if !without.isEmpty {
            lines.append(
                "\(without.count.counted("message carries", "messages carry")) no capsule: they were sent before there was an audit key, or"
            )
            lines.append("while none was in force; whom they are about, only their sender and recipients know")
            lines += Self.list(without)
        }
        if !unnamed.isEmpty {
            lines.append(
                "\(unnamed.count.counted("capsule names", "capsules name")) no patient, and the message goes back to none that does: texts whose"
            )
            lines.append(
                "sender gave none (\"send --patient\"); whom they are about, only their sender and recipients know")
            lines += Self.list(unnamed)
        }
        if !unsought.isEmpty {
            lines.append(
                "\(unsought.count.counted("capsule names", "capsules name")) a patient as nobody can ask for: by blanks, or by more than \(PatientName.maximumByteCount) bytes"
            )
            lines.append(
                "(another program sealed it); \"audit breach\" and \"audit report --patients\" tell what they name")
            lines += Self.list(unsought)
        }
        for (key, number) in closed {
            lines.append(
                "\(number.counted("capsule is", "capsules are")) sealed to the audit key \(key), which this device does not hold"
            )
        }
        for capsule in broken {
            lines.append("the capsule of \(capsule.message) (entry \(capsule.index)) does not open: \(capsule.state)")
        }
        if lines.isEmpty {
            lines.append("nothing that this device can see: every message's capsule opened and names somebody")
        }
        return lines
    }

    /// The newest ones by their ids; a terminal is no place for thousands.
    private static func list(_ messages: [MessageID]) -> [String] {
        let shown = 20
        let rest = messages.count - shown
        return messages.suffix(shown).map { "  \($0)" }
            + (rest > 0 ? ["  and \(rest) older ones: \"--json\" names them all"] : [])
    }
}
