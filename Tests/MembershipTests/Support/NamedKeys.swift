import Secrets
import SignerSupport
import Statements

extension Identifier where Kind == PrekeyKind {
    static func named(_ name: String) -> PrekeyID {
        PrekeyID(bytes: Digest.sha256(Array("prekey \(name)".utf8)).bytes.prefix(PrekeyKind.byteCount))
    }
}

extension EncapsulationKey {
    /// Bytes of the right lengths: the roster names such keys and never uses them.
    static func named(_ name: String) -> EncapsulationKey {
        let block = Digest.of("encapsulation \(name)").bytes
        return EncapsulationKey(
            x25519: block, mlkem768: (0..<37).flatMap { _ in block })
    }
}

extension RecoveryPublicKey {
    static func named(_ name: String) -> RecoveryPublicKey {
        RecoveryPublicKey(signing: Signer.recovery(name).key.verifyingKey, encapsulation: .named("recovery \(name)"))
    }
}
