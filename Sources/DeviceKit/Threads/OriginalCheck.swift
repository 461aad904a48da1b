import Membership
import Sealing
import Secrets
import Statements
import TransparencyLog

/// Whether what a hand-off holds is what its first sender sealed and signed.
struct OriginalCheck {
    enum Verdict: Equatable {
        /// Sender, place and every letter are shown.
        case shown
        /// It may be as it is told: nothing shows it, and nothing speaks against it.
        case told(String)
        /// Somebody who signed for it has changed it.
        case untrue(String)
    }

    let handOff: HandOff
    /// The manifest of the message that carries it on.
    let carrier: Manifest
    /// The roster, for keys and members.
    let view: RosterView

    /// Everything but the place in the log.
    func verdict() -> Verdict {
        guard let (manifest, note) = DeviceSession.manifest(inEntry: Array(handOff.entry.utf8)),
            case .forwardOf(manifest.message)? = carrier.reference, manifest.organisation == carrier.organisation
        else { return .untrue("what stands inside is not the message that it names") }
        guard let sender = view.device(manifest.sender) else { return .untrue("its sender is no device of the roster") }
        guard (try? note.verify(exactly: [NoteKey(device: sender.key)])) != nil else {
            return .untrue("its sender's signature is false")
        }
        guard let nonce = Base64.decode(Array(handOff.nonce.utf8)), nonce.count == HandOff.nonceByteCount else {
            return .untrue("it cannot be sealed again as it was")
        }
        guard let key = handOff.key else { return .told("its key was no longer there to be given with it") }
        guard let bytes = Base64.decode(Array(key.utf8)), bytes.count == MessageKey.byteCount else {
            return .untrue("its key is none")
        }
        return sealedAgain(MessageKey(SecretBytes(copying: bytes)), nonce: nonce, as: manifest)
    }

    private func sealedAgain(_ key: consuming MessageKey, nonce: [UInt8], as manifest: Manifest) -> Verdict {
        guard key.commitment() == manifest.commitment else { return .untrue("its key is not the one that was sealed") }
        guard
            let sealed = MessageSealer.contentSealedAgain(
                Array(handOff.content.utf8), key: key, nonce: nonce, binding: manifest.bindingText.hash),
            Manifest.Blob(of: sealed) == manifest.content
        else { return .untrue("its words are not those that its sender signed") }
        return .shown
    }
}
