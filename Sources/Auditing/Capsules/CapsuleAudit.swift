import Sealing
import Secrets
import Statements

/// Opens capsules: only so it shows that a sender sealed what the manifest commits to, to the auditors' key.
struct CapsuleAudit {
    private(set) var opened = 0
    private(set) var closed = 0
    /// The keys of those that were left closed.
    private(set) var closedKeys: Set<PrekeyID> = []

    /// The entries whose capsules could not be had: a later audit asks again.
    private(set) var notGiven: Set<UInt64> = []
    /// Why no more are asked for, in this run.
    private var silence: CapsuleNotGiven?

    init(opened: Int = 0, closed: Int = 0, closedKeys: Set<PrekeyID> = [], notGiven: Set<UInt64> = []) {
        self.opened = opened
        self.closed = closed
        self.closedKeys = closedKeys
        self.notGiven = notGiven
    }

    /// Asks for one capsule, opens it, counts it, and gives what it holds or what is wrong with it.
    mutating func check(
        _ subject: CapsuleSubject, from source: some CapsuleSource
    ) async throws -> CapsuleReading.Outcome {
        notGiven.remove(subject.index)
        let outcome: CapsuleReading.Outcome
        if let silence { outcome = .notGiven(silence) } else { outcome = try await Self.read(subject, from: source) }
        switch outcome {
        case .opened: opened += 1
        case .closed, .none:
            closed += 1
            closedKeys.insert(subject.capsule.key)
        case .broken: break
        case .notGiven(let cause):
            notGiven.insert(subject.index)
            // Whoever does not answer is not asked a thousand times over.
            if !cause.isAnswered { silence = cause }
        }
        return outcome
    }

    /// Asks for one capsule, and gives what it holds or what is wrong with it.
    static func read(
        _ subject: CapsuleSubject, from source: some CapsuleSource
    ) async throws -> CapsuleReading.Outcome {
        let key = subject.capsule.key
        guard try source.withAuditKey(key, { _ in true }) == true else { return .closed(key) }
        let given: (sealedKey: [UInt8], capsule: [UInt8])?
        do { given = try await source.capsule(of: subject.message) } catch let cause as CapsuleNotGiven {
            return .notGiven(cause)
        }
        guard let sealed = given else { return .broken(.capsuleMissing) }
        guard Digest.sha256(sealed.sealedKey) == subject.capsule.sealedKeyHash,
            Manifest.Blob(of: sealed.capsule) == subject.capsule.blob
        else { return .broken(.capsuleChanged) }
        let outcome = try source.withAuditKey(key) { key in
            open(subject, sealedKey: sealed.sealedKey, capsule: sealed.capsule, key: key)
        }
        if case .opened(let plaintext)? = outcome, !source.isCapsule(plaintext) { return .broken(.capsuleMalformed) }
        return outcome ?? .closed(key)
    }

    /// Bytes that are the manifest's, with the key that it names.
    private static func open(
        _ subject: CapsuleSubject, sealedKey: [UInt8], capsule: [UInt8], key: borrowing EncapsulationPrivateKey
    ) -> CapsuleReading.Outcome {
        do {
            return .opened(
                try MessageOpener.openCapsule(
                    capsule, sealedKey: sealedKey, with: key, binding: subject.binding,
                    commitment: subject.capsule.commitment))
        } catch {
            return .broken(error.code == .commitment ? .capsuleCommitment : .capsuleUnopened)
        }
    }

    /// What is told of a capsule for as long as it is not given: nothing of it stays once it is.
    static func finding(_ cause: CapsuleNotGiven, _ subject: CapsuleSubject, _ who: Who) -> AuditFinding {
        let sentence =
            cause.isAnswered
            ? sentence(.capsuleMissing, subject, who) + ": \(cause.reason)"
            : "the capsule of \(subject.message) could not be had just now (\(cause.reason)); the next audit asks again"
        return AuditFinding(
            cause.code, severity: cause.isAnswered ? .brokenPromise : .note, log: .activity, entries: [subject.index],
            message: subject.message, sentence)
    }

    static func sentence(_ code: AuditFinding.Code, _ subject: CapsuleSubject, _ who: Who) -> String {
        let message = "\(subject.message)"
        let sender = who.device(subject.sender)
        return switch code {
        case .capsuleMissing: "the relay does not give the capsule of \(message), which it accepted from \(sender)"
        case .capsuleChanged: "the relay gives other bytes for the capsule of \(message) than those that it accepted"
        case .capsuleCommitment:
            "\(sender) sealed another key to the auditors than \(message) commits to: its capsule proves nothing"
        case .capsuleMalformed: "what \(sender) sealed to the auditors as the capsule of \(message) is no capsule"
        default: "what \(sender) sealed to the auditors as the capsule of \(message) does not open"
        }
    }
}
