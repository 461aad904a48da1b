import CSodium

/// libsodium's `secretstream` (XChaCha20-Poly1305): chunks that can be neither changed, moved, left out nor cut off.
///
/// Each chunk is 17 bytes longer than what it holds; the header goes in front of the first. Two tags are used: every
/// chunk but the last is an ordinary message, the last is final.
public enum SecretStream {
    /// 24.
    public static let headerByteCount = 24
    /// 17: the tag's byte and the authenticator.
    public static let chunkOverhead = 17

    static let keyByteCount = Int(crypto_secretstream_xchacha20poly1305_KEYBYTES)

    /// Memory for the state. It consists of bytes alone, so that guarded memory, which is not aligned, can hold it.
    static func state() -> SecretBytes {
        SecretBytes(random: MemoryLayout<crypto_secretstream_xchacha20poly1305_state>.size)
    }
}

/// Seals one stream, chunk by chunk.
public struct SecretStreamSealer: ~Copyable {
    /// Goes in front of the first chunk.
    public let header: [UInt8]
    private var state: SecretBytes

    /// Begins a stream with a random header. - Precondition: a key of 32 bytes.
    public init(key: borrowing SecretBytes) {
        precondition(key.count == SecretStream.keyByteCount)
        var header = [UInt8](repeating: 0, count: SecretStream.headerByteCount)
        var state = SecretStream.state()
        unsafe key.withUnsafeBytes { key in
            unsafe state.withUnsafeMutableBytes { state in
                _ = unsafe crypto_secretstream_xchacha20poly1305_init_push(
                    state.baseAddress!.assumingMemoryBound(to: crypto_secretstream_xchacha20poly1305_state.self),
                    &header,
                    key.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        self.header = header
        self.state = state
    }

    /// Seals the next chunk.
    /// - Parameters:
    ///   - binding: Associated data of this chunk alone.
    ///   - isLast: Nothing can be sealed after it.
    public mutating func seal(_ chunk: [UInt8], binding: [UInt8] = [], isLast: Bool) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: chunk.count + SecretStream.chunkOverhead)
        let tag =
            isLast
            ? crypto_secretstream_xchacha20poly1305_tag_final() : crypto_secretstream_xchacha20poly1305_tag_message()
        unsafe state.withUnsafeMutableBytes { state in
            _ = unsafe crypto_secretstream_xchacha20poly1305_push(
                state.baseAddress!.assumingMemoryBound(to: crypto_secretstream_xchacha20poly1305_state.self), &sealed,
                nil, chunk, UInt64(chunk.count), binding, UInt64(binding.count), tag)
        }
        return sealed
    }
}

/// Opens what ``SecretStreamSealer`` sealed, in its order.
public struct SecretStreamOpener: ~Copyable {
    private var state: SecretBytes

    /// - Precondition: a key of 32 bytes.
    /// - Throws: ``SecretsError/Code/wrongLength`` for a header of another length.
    public init(header: [UInt8], key: borrowing SecretBytes) throws(SecretsError) {
        precondition(key.count == SecretStream.keyByteCount)
        guard header.count == SecretStream.headerByteCount else { throw SecretsError(.wrongLength) }
        var state = SecretStream.state()
        unsafe key.withUnsafeBytes { key in
            unsafe state.withUnsafeMutableBytes { state in
                _ = unsafe crypto_secretstream_xchacha20poly1305_init_pull(
                    state.baseAddress!.assumingMemoryBound(to: crypto_secretstream_xchacha20poly1305_state.self),
                    header,
                    key.baseAddress!.assumingMemoryBound(to: UInt8.self))
            }
        }
        self.state = state
    }

    /// Opens the next chunk.
    /// - Throws: ``SecretsError/Code/doesNotOpen`` for changed bytes, another place, another binding, or a chunk that is the
    ///   last where it should not be, or is not where it should. Nothing can be opened after that.
    public mutating func open(
        _ sealed: [UInt8], binding: [UInt8] = [], isLast: Bool
    ) throws(SecretsError) -> [UInt8] {
        guard sealed.count >= SecretStream.chunkOverhead else { throw SecretsError(.doesNotOpen) }
        var chunk = [UInt8](repeating: 0, count: sealed.count - SecretStream.chunkOverhead)
        var tag: UInt8 = 0xFF
        let result = unsafe state.withUnsafeMutableBytes { state in
            unsafe crypto_secretstream_xchacha20poly1305_pull(
                state.baseAddress!.assumingMemoryBound(to: crypto_secretstream_xchacha20poly1305_state.self), &chunk,
                nil,
                &tag, sealed, UInt64(sealed.count), binding, UInt64(binding.count))
        }
        let expected =
            isLast
            ? crypto_secretstream_xchacha20poly1305_tag_final() : crypto_secretstream_xchacha20poly1305_tag_message()
        guard result == 0, tag == expected else { throw SecretsError(.doesNotOpen) }
        return chunk
    }
}
