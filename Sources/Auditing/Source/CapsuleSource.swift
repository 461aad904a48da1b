public import Sealing
public import Statements

/// Where an audit takes sealed capsules and the audit key from.
public protocol CapsuleSource {
    /// A message's capsule and its key as the relay gives them; `nil` when it gives none.
    /// - Throws: ``CapsuleNotGiven`` when it cannot be had just now, though it may be there.
    func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])?

    /// Lends the private half of an audit key; `nil` when it is not held here.
    func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result?

    /// Whether what a capsule opened to is one, by the grammar of Protocol.md. Whoever writes capsules reads them: there is one
    /// reader, and it is not here.
    func isCapsule(_ plaintext: [UInt8]) -> Bool

    /// An audit is about to read the activity log from `first` on: what it reads of capsules is given to
    /// ``take(_:upTo:)``, what stands before it is not.
    func begin(at first: UInt64) async throws

    /// What an audit read of the capsules of the next messages, those that carry none among them, up to the entry before
    /// `next`: whoever keeps an index of them need not ask for any a second time.
    func take(_ readings: [CapsuleReading], upTo next: UInt64) throws
}

extension CapsuleSource {
    public func begin(at first: UInt64) async throws {}
    public func take(_ readings: [CapsuleReading], upTo next: UInt64) throws {}
}

/// Why a capsule could not be had just now: a later audit asks again, and until then everything else is judged.
public struct CapsuleNotGiven: Error, Hashable, Sendable {
    /// Whether the relay answered: then it is the relay that does not give it.
    public let isAnswered: Bool
    /// In our words.
    public let reason: String

    public init(isAnswered: Bool, _ reason: String) {
        self.isAnswered = isAnswered
        self.reason = reason
    }

    /// What it is told as.
    public var code: AuditFinding.Code { isAnswered ? .capsuleMissing : .capsuleUnavailable }
}
