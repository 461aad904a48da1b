import CSodium

/// An Ed25519 public key (RFC 8032) that is a valid point of the main subgroup.
public struct VerifyingKey: Hashable, Sendable {
    /// 32.
    public static let byteCount = 32
    /// 64.
    public static let signatureByteCount = 64

    public let bytes: [UInt8]

    /// - Returns: `nil` unless there are 32 bytes that `crypto_core_ed25519_is_valid_point` accepts
    ///   (canonical, on the curve, not of small order).
    public init?(_ bytes: [UInt8]) {
        Sodium.ready
        guard bytes.count == Self.byteCount else { return nil }
        let valid = unsafe bytes.withUnsafeBufferPointer { unsafe crypto_core_ed25519_is_valid_point($0.baseAddress!) }
        guard valid == 1 else { return nil }
        self.bytes = bytes
    }

    /// Whether `signature` (64 bytes) is this key's over `message`.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureByteCount else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                unsafe bytes.withUnsafeBufferPointer { key in
                    unsafe crypto_sign_verify_detached(
                        signature.baseAddress!, message.baseAddress, UInt64(message.count), key.baseAddress!) == 0
                }
            }
        }
    }
}

/// An Ed25519 private key in guarded memory.
public struct SigningKey: ~Copyable, Sendable {
    /// 32.
    public static let seedByteCount = 32

    private let secretKey: SecretBytes
    public let verifyingKey: VerifyingKey

    /// A fresh key.
    public init() {
        self.init(seed: SecretBytes(random: Self.seedByteCount))
    }

    /// The key of a 32-byte seed.
    public init(seed: consuming SecretBytes) {
        Sodium.ready
        precondition(seed.count == Self.seedByteCount)
        let seed = seed
        var publicKey = [UInt8](repeating: 0, count: VerifyingKey.byteCount)
        secretKey = unsafe SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES)) { secret in
            unsafe seed.withUnsafeBytes { seed in
                _ = unsafe crypto_sign_seed_keypair(
                    &publicKey, secret.baseAddress!.assumingMemoryBound(to: UInt8.self),
                    seed.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        verifyingKey = VerifyingKey(publicKey)!
    }

    /// The seed, in guarded memory, for storing it sealed.
    public borrowing func seed() -> SecretBytes {
        secretKey.slice(0..<Self.seedByteCount)
    }

    /// A second handle on the same key, for an owner that lives longer.
    public borrowing func duplicate() -> SigningKey {
        SigningKey(seed: seed())
    }

    /// 64 bytes, deterministic (RFC 8032).
    public borrowing func signature(for message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: VerifyingKey.signatureByteCount)
        unsafe secretKey.withUnsafeBytes { secret in
            unsafe message.withUnsafeBufferPointer { message in
                _ = unsafe crypto_sign_detached(
                    &signature, nil, message.baseAddress, UInt64(message.count),
                    secret.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        return signature
    }
}
