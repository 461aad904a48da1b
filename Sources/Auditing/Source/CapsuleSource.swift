public import Sealing
public import Statements

/// Where an audit takes sealed capsules and the audit key from.
public protocol CapsuleSource {
    /// A message's capsule and its key as the relay gives them; `nil` when it gives none.
    func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])?

    /// Lends the private half of an audit key; `nil` when it is not held here.
    func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result?
}
