/// A capsule that an auditor opened, with what lets others open it: to be given away.
///
/// The key is subkey 3 of one message's `K`. It opens this one capsule and nothing else: it seals nothing but it, and from a
/// subkey of BLAKE2b neither `K` nor another subkey can be computed; the audit key, which opens all capsules, is no part of
/// it. The manifest commits to it, so that nobody can give another one that opens the same bytes to something else.
public struct DisclosedCapsule: Sendable, Equatable {
    /// 32 bytes.
    public let key: [UInt8]
    public let plaintext: [UInt8]
}
