public import Secrets
public import Statements

/// A witness's word that, as of a time, a checkpoint was the largest consistent tree of its origin that it had seen
/// (c2sp.org/tlog-cosignature v1.0.1, timestamped Ed25519). Only ``WitnessKey`` and ``CosignatureSigner`` make one.
public struct Cosignature: Hashable, Sendable {
    public let key: WitnessKey
    /// Seconds since 1970, 1 to 2^63 - 1.
    public let seconds: UInt64
    /// Key id, 8 bytes of time, 64 bytes of signature.
    public let signature: NoteSignature

    fileprivate init(key: WitnessKey, seconds: UInt64, signature: NoteSignature) {
        self.key = key
        self.seconds = seconds
        self.signature = signature
    }

    /// The witness's own time; a year beyond 9999 is said to be that.
    public var time: Timestamp { Timestamp(milliseconds: Int64(min(seconds, 1 << 40)) * 1_000) }

    /// 72: what follows the key id.
    static let byteCount = 8 + VerifyingKey.signatureByteCount
    static let times: ClosedRange<UInt64> = 1...(1 << 63 - 1)

    /// What is signed for a checkpoint's text.
    static func message(_ text: [UInt8], at seconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(seconds)\n".utf8) + text
    }
}

extension WitnessKey {
    /// The cosignature that a line holds; `nil` when the line is another key's, or does not verify.
    public func cosignature(_ signature: NoteSignature, of text: [UInt8]) -> Cosignature? {
        guard isKey(of: signature), signature.bytes.count == Cosignature.byteCount else { return nil }
        let seconds = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard Cosignature.times.contains(seconds),
            key.isValid(
                signature: Array(signature.bytes.dropFirst(8)), for: Cosignature.message(text, at: seconds))
        else { return nil }
        return Cosignature(key: self, seconds: seconds, signature: signature)
    }

    /// This witness's cosignature of a checkpoint; `nil` when it carries none, two, or one that does not verify.
    public func cosignature(of note: SignedNote) -> Cosignature? {
        let own = note.signatures.filter(isKey(of:))
        return own.count == 1 ? cosignature(own[0], of: note.text) : nil
    }
}

/// Signs as a witness.
public struct CosignatureSigner: ~Copyable, Sendable {
    private let key: SigningKey
    public let witnessKey: WitnessKey

    /// - Precondition: `name` is permitted as a key's name.
    public init(name: String, key: consuming SigningKey) {
        witnessKey = WitnessKey(name: name, key: key.verifyingKey)
        self.key = key
    }

    /// Cosigns a checkpoint's text. The caller's duty: never two trees of one origin that are not one log, and nothing
    /// before it is durable that this was the largest.
    /// - Precondition: `seconds` is 1 to 2^63 - 1.
    public borrowing func sign(_ text: [UInt8], at seconds: UInt64) -> Cosignature {
        precondition(Cosignature.times.contains(seconds))
        let time = stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: seconds >> $0) }
        let bytes = time + key.signature(for: Cosignature.message(text, at: seconds))
        return Cosignature(
            key: witnessKey, seconds: seconds,
            signature: NoteSignature(name: witnessKey.name, keyID: witnessKey.id, bytes: bytes))
    }
}
