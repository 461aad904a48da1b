public import Secrets

/// Keys from the store key itself: in a command that was given the passphrase or key file, and in the agent.
public final class DirectStoreKeys: StoreKeys {
    private let base: SecretBytes

    public var areAnothers: Bool { false }

    /// - Parameter storeKey: 32 bytes; not kept, only a subkey of it.
    public init(storeKey: borrowing SecretBytes) { base = storeKey.subkey(1, context: "nbstore1") }

    /// Whether what it keeps is locked into memory: asked of the system, which may refuse.
    public var isLockedIntoMemory: Bool { base.lockIntoMemory() }

    /// A text by which the same store key is known again, and from which it cannot be computed.
    public var fingerprint: [UInt8] {
        base.keyedHash(of: Array("nightbell.store-key-fingerprint/v1\n".utf8)).exposed()
    }

    public func derive(_ labels: [StoreKeyLabel], into room: inout SecretBytes) throws(StoreKeysError) {
        for (index, label) in labels.enumerated() {
            room.overwrite(from: index * StoreKeysLimits.keyByteCount, withKeyedHashOf: label.bytes, key: base)
        }
    }

    /// The key goes with this object, and this object with the command that made it.
    public func forget() {}
}
