import Sealing
import Secrets
import Statements

/// A message's capsule, opened, with what proves to anybody that it is the one that its sender signed: for a file of evidence.
///
/// The proof is the key of this one capsule, which opens no other. Whoever opens one has logged that they look.
public struct EvidenceCapsule: Sendable {
    /// As the relay keeps it: its size and hash stand in the manifest.
    let sealed: [UInt8]
    let disclosed: DisclosedCapsule

    /// Asks for a message's capsule, and opens it.
    /// - Parameters:
    ///   - message: As it was audited.
    ///   - size: Of the activity log that `logs` are read at.
    /// - Throws: ``AuditError/Code/noCapsule``, ``AuditError/Code/notTheLog``, and what the sources throw.
    public static func open(
        of message: AuditedMessage, size: UInt64, from logs: some LogSource, _ capsules: some CapsuleSource
    ) async throws -> EvidenceCapsule {
        let subject = try await subject(of: message, size: size, from: logs)
        let key = subject.capsule.key
        guard try capsules.withAuditKey(key, { _ in true }) == true else {
            throw AuditError(.noCapsule, "it is sealed to the audit key \(key), which is not held here")
        }
        let answer: (sealedKey: [UInt8], capsule: [UInt8])?
        do { answer = try await capsules.capsule(of: message.message) } catch let cause as CapsuleNotGiven {
            throw AuditError(.noCapsule, cause.reason)
        }
        guard let given = answer else { throw AuditError(.noCapsule, "the relay does not give it") }
        guard Digest.sha256(given.sealedKey) == subject.capsule.sealedKeyHash,
            Manifest.Blob(of: given.capsule) == subject.capsule.blob
        else { throw AuditError(.noCapsule, "the relay gives other bytes than the manifest states") }
        let opened = try capsules.withAuditKey(key) { key in
            disclose(subject, sealedKey: given.sealedKey, capsule: given.capsule, with: key)
        }
        guard let disclosed = opened ?? nil, capsules.isCapsule(disclosed.plaintext) else {
            throw AuditError(.noCapsule, "what its sender sealed to the auditors does not open, or is no capsule")
        }
        return EvidenceCapsule(sealed: given.capsule, disclosed: disclosed)
    }

    private static func subject(
        of message: AuditedMessage, size: UInt64, from logs: some LogSource
    ) async throws -> CapsuleSubject {
        let reader = CapsuleReader(logs)
        guard let (manifest, hash) = try await reader.manifest(at: message.index, size: size),
            hash == message.manifest
        else { throw AuditError(.notTheLog, "the manifest of \(message.message)") }
        guard let subject = CapsuleSubject(manifest, index: message.index) else {
            throw AuditError(.noCapsule, "the message carries none")
        }
        return subject
    }

    /// `nil` for what does not open.
    private static func disclose(
        _ subject: CapsuleSubject, sealedKey: [UInt8], capsule: [UInt8], with key: borrowing EncapsulationPrivateKey
    ) -> DisclosedCapsule? {
        try? MessageOpener.discloseCapsule(
            capsule, sealedKey: sealedKey, with: key, binding: subject.binding,
            commitment: subject.capsule.commitment)
    }

    // MARK: Parts

    /// 64 hex digits and a line feed.
    static func keyFile(_ key: [UInt8]) -> [UInt8] { Array("\(Hex.encode(key))\n".utf8) }

    /// - Returns: `nil` for what ``keyFile(_:)`` would not have written.
    static func key(parsing bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == 65, bytes.last == UInt8(ascii: "\n") else { return nil }
        return Digest(hex: bytes.prefix(64)).map(\.bytes)
    }

    /// Each part with its bytes.
    var parts: [EvidencePart: [UInt8]] {
        [.capsule: sealed, .capsuleKey: Self.keyFile(disclosed.key), .capsuleContent: disclosed.plaintext]
    }
}
