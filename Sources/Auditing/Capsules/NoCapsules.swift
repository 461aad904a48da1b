import Sealing
import Statements

/// Gives no capsule and holds no key.
struct NoCapsules: CapsuleSource {
    func capsule(of message: MessageID) async throws -> (sealedKey: [UInt8], capsule: [UInt8])? { nil }

    func withAuditKey<Result>(
        _ id: PrekeyID, _ body: (borrowing EncapsulationPrivateKey) -> Result
    ) throws -> Result? { nil }

    func isCapsule(_ plaintext: [UInt8]) -> Bool { false }
}
