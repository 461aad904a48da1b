package import Sealing
import Secrets
import SignerSupport
package import Statements

extension EncapsulationPrivateKey {
    package static func named(_ name: String) -> EncapsulationPrivateKey {
        let seed = Digest.of("encapsulation \(name)").bytes
        return EncapsulationPrivateKey(
            x25519: X25519PrivateKey(SecretBytes(copying: seed)), mlkemSeed: SecretBytes(copying: seed + seed))
    }
}

extension TextValue {
    package static func words(_ text: String) -> TextValue { TextValue(typed: text)! }
}
