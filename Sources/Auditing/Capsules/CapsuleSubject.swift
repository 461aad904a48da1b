import Secrets
import Statements

/// What an auditor needs of a manifest to open its capsule.
struct CapsuleSubject {
    let message: MessageID
    let index: UInt64
    let sender: DeviceID
    let capsule: Manifest.Capsule
    let binding: Digest

    /// `nil` for a message without a capsule.
    init?(_ manifest: Manifest, index: UInt64) {
        guard let capsule = manifest.capsule else { return nil }
        message = manifest.message
        self.index = index
        sender = manifest.sender
        self.capsule = capsule
        binding = manifest.binding
    }
}
