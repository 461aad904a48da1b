/// The steps that a device logs. The list is closed: scripts and receipts depend on it.
public enum StepName: String, CaseIterable, Sendable {
    /// A page, or an event of the stream, announced something.
    case page
    /// The roster was brought up to date and verified.
    case roster
    /// A manifest was verified: signature, place, binding.
    case manifest
    /// Our sealed key opened.
    case sealedKey = "sealed_key"
    /// The key is the one that its sender committed to.
    case commitment
    /// The content opened.
    case content
    /// The message is durably stored under the store key.
    case stored
    /// A receipt was signed and stored.
    case receipt
    /// The log's proof of a statement of ours was verified.
    case proof
    /// A prekey's private half is gone.
    case prekeyDestroyed = "prekey_destroyed"
    /// Keys were made.
    case keysMade = "keys_made"
    /// This device's enrolment has its place in the roster log.
    case enrolled
    /// The relay has our prekeys.
    case prekeysPublished = "prekeys_published"
    /// Recipients' prekeys were claimed and their signatures verified.
    case prekeysClaimed = "prekeys_claimed"
    /// A message was sealed and signed.
    case sealed
    /// The relay accepted our message, and proved its place.
    case accepted
}
