import Sealing
import Secrets
import Statements

/// Keys, ids and salts that follow from a name, so that the file can be made again byte for byte.
///
/// `seed(name)` = SHA-256("nightbell vectors: " ‖ name ‖ " " ‖ i) for i = 0, 1, …, cut to length.
enum Fixed {
    static func seed(_ name: String, _ count: Int = 32) -> [UInt8] {
        var bytes: [UInt8] = []
        var counter = 0
        while bytes.count < count {
            bytes += Digest.sha256(Array("nightbell vectors: \(name) \(counter)".utf8)).bytes
            counter += 1
        }
        return Array(bytes.prefix(count))
    }

    static func signingKey(_ name: String) -> SigningKey { SigningKey(seed: SecretBytes(copying: seed(name))) }

    static func verifyingKey(_ name: String) -> VerifyingKey { signingKey(name).verifyingKey }

    /// An X25519 scalar and an ML-KEM seed.
    static func encapsulationKey(_ name: String) -> EncapsulationPrivateKey {
        EncapsulationPrivateKey(
            secret: SecretBytes(copying: seed(name, EncapsulationPrivateKey.byteCount)))!
    }

    static func recoveryKey() -> RecoveryKey { RecoveryKey(secret: SecretBytes(copying: seed("recovery"))) }

    static func member(_ name: String) -> MemberID { MemberID(bytes: seed("member \(name)", 10)) }

    static func device(_ name: String) -> DeviceID { DeviceID(key: verifyingKey(name)) }

    /// A UUIDv7 with the time's milliseconds and fixed "random" bits.
    static func message(_ name: String, at time: Timestamp) -> MessageID {
        var bytes = seed("message \(name)", 16)
        for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: time.milliseconds >> Int64(40 - 8 * index)) }
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        return MessageID(bytes: bytes)
    }
}

/// A key that signs a note, and the name under which it does.
struct Signer {
    /// What ``Fixed`` makes the key of.
    let key: String
    let note: NoteKey

    static func device(_ name: String) -> Signer { Signer(key: name, note: NoteKey(device: Fixed.verifyingKey(name))) }

    static func invitation(_ name: String) -> Signer {
        Signer(key: name, note: NoteKey(invitation: InvitationKeys.signingKey(name).verifyingKey))
    }

    static let recovery = Signer(key: "recovery", note: NoteKey(recovery: Fixed.recoveryKey().publicKey.signing))

    func signature(of text: [UInt8]) -> NoteSignature {
        if key == "recovery" {
            return SignedNote.signature(of: text, by: Fixed.recoveryKey().signing, as: note.name)
        }
        if key.hasPrefix("invitation") {
            return SignedNote.signature(of: text, by: InvitationKeys.signingKey(key), as: note.name)
        }
        return SignedNote.signature(of: text, by: Fixed.signingKey(key), as: note.name)
    }
}

/// Invitations' keys follow from their secrets and the organisation, not from seeds.
enum InvitationKeys {
    static let relay = "relay.example.org:8443"

    static func text(_ name: String) -> InvitationText {
        InvitationText(
            relay: relay, organisation: Story.genesis.organisation, secret: SecretBytes(copying: Fixed.seed(name, 16)))
    }

    static func signingKey(_ name: String) -> SigningKey { text(name).key() }
}
