import CSodium

extension SecretBytes {
    /// `crypto_kdf` (BLAKE2b): a subkey of a 32-byte key.
    /// - Parameters:
    ///   - length: 16–64 bytes.
    ///   - context: exactly 8 ASCII bytes.
    public borrowing func subkey(_ id: UInt64, context: StaticString, length: Int = 32) -> SecretBytes {
        precondition(count == Int(crypto_kdf_KEYBYTES) && context.utf8CodeUnitCount == Int(crypto_kdf_CONTEXTBYTES))
        // Outside these bounds libsodium writes nothing, and the "key" would be the pattern of fresh guarded memory.
        precondition((Int(crypto_kdf_BYTES_MIN)...Int(crypto_kdf_BYTES_MAX)).contains(length))
        defer { clearStack() }
        return unsafe SecretBytes(count: length) { output in
            unsafe withUnsafeBytes { key in
                context.withUTF8Buffer { context in
                    unsafe context.withMemoryRebound(to: CChar.self) { context in
                        _ = unsafe crypto_kdf_derive_from_key(
                            output.baseAddress!.assumingMemoryBound(to: UInt8.self), length, id, context.baseAddress!,
                            key.baseAddress!.assumingMemoryBound(to: UInt8.self))
                    }
                }
            }
        }
    }

    /// `crypto_generichash` (BLAKE2b) keyed with these bytes (16–64), 32 bytes out, secret.
    public borrowing func keyedHash(of message: [UInt8]) -> SecretBytes {
        precondition((Int(crypto_generichash_KEYBYTES_MIN)...Int(crypto_generichash_KEYBYTES_MAX)).contains(count))
        defer { clearStack() }
        return unsafe SecretBytes(count: 32) { output in
            unsafe withUnsafeBytes { key in
                unsafe message.withUnsafeBufferPointer { message in
                    _ = unsafe crypto_generichash(
                        output.baseAddress!.assumingMemoryBound(to: UInt8.self), 32, message.baseAddress,
                        UInt64(message.count), key.baseAddress!.assumingMemoryBound(to: UInt8.self), key.count)
                }
            }
        }
    }

    /// Writes the ``keyedHash(of:)`` that another key gives over 32 of these bytes.
    public mutating func overwrite(from offset: Int, withKeyedHashOf message: [UInt8], key: borrowing SecretBytes) {
        precondition((Int(crypto_generichash_KEYBYTES_MIN)...Int(crypto_generichash_KEYBYTES_MAX)).contains(key.count))
        precondition(offset >= 0 && offset + 32 <= count)
        defer { clearStack() }
        unsafe withUnsafeMutableBytes { output in
            unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBufferPointer { message in
                    _ = unsafe crypto_generichash(
                        (output.baseAddress! + offset).assumingMemoryBound(to: UInt8.self), 32, message.baseAddress,
                        UInt64(message.count), key.baseAddress!.assumingMemoryBound(to: UInt8.self), key.count)
                }
            }
        }
    }

    /// BLAKE2b-256 without a key over these bytes: the combiner of suite 1, whose inputs include shared secrets.
    public borrowing func hash() -> SecretBytes {
        unsafe SecretBytes(count: 32) { output in
            unsafe withUnsafeBytes { message in
                _ = unsafe crypto_generichash(
                    output.baseAddress!.assumingMemoryBound(to: UInt8.self), 32,
                    message.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(message.count), nil, 0)
            }
        }
    }
}

/// Argon2id's cost, stored beside what it protects so that it can be raised later.
public struct PassphraseCost: Sendable, Equatable {
    /// Passes over the memory.
    public let operations: UInt64
    /// Bytes of memory.
    public let memory: Int

    public init(operations: UInt64, memory: Int) {
        self.operations = operations
        self.memory = memory
    }

    /// 3 passes over 256 MiB (design section 5).
    public static let standard = PassphraseCost(operations: 3, memory: 256 << 20)
    /// 16.
    public static let saltByteCount = 16
    /// 10.
    public static let minimumPassphraseLength = 10
}

extension SecretBytes {
    /// The 32-byte key that Argon2id makes of a passphrase.
    /// - Throws: ``SecretsError/Code/outOfMemory`` when the memory cannot be had,
    ///   ``SecretsError/Code/wrongLength`` for a salt that is not 16 bytes.
    public init(passphrase: borrowing SecretBytes, salt: [UInt8], cost: PassphraseCost) throws(SecretsError) {
        Sodium.ready
        guard salt.count == PassphraseCost.saltByteCount else { throw SecretsError(.wrongLength) }
        var failed = false
        let key = unsafe SecretBytes(count: 32) { output in
            unsafe passphrase.withUnsafeBytes { passphrase in
                failed =
                    unsafe crypto_pwhash(
                        output.baseAddress!.assumingMemoryBound(to: UInt8.self), 32,
                        passphrase.baseAddress!.assumingMemoryBound(to: CChar.self), UInt64(passphrase.count), salt,
                        cost.operations, cost.memory, crypto_pwhash_ALG_ARGON2ID13) != 0
            }
        }
        guard !failed else { throw SecretsError(.outOfMemory) }
        self = key
    }
}

/// BLAKE2b takes its key as the first block of what it hashes, and leaves that block on the stack when nothing came behind
/// it: 4 KiB below here held what it worked with.
private func clearStack() { sodium_stackzero(4_096) }
