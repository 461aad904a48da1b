import Secrets

/// Attachments of suite 1: a `secretstream` of whole chunks under a subkey of the message key, bound to the message.
///
/// The plaintext is padded with 0x80 and zeros to a multiple of ``chunkByteCount``, always by at least one byte. What the
/// file is called, what it is, and its own hash stand in the content, never outside of the seal.
public enum Attachment {
    /// 10 in a message.
    public static let maximumCount = 10
    /// 26,214,400 (25 MiB): the longest file.
    public static let maximumByteCount = 26_214_400
    /// 65,536: what a chunk holds.
    public static let chunkByteCount = 65_536
    /// 65,553: a chunk as it is sealed.
    public static let sealedChunkByteCount = chunkByteCount + SecretStream.chunkOverhead
    /// 24: what stands in front of the first chunk.
    public static let headerByteCount = SecretStream.headerByteCount

    /// How many chunks hold a file of this length and its padding.
    public static func chunkCount(of byteCount: Int) -> Int { byteCount / chunkByteCount + 1 }

    /// The sealed size of a file of this length.
    public static func sealedByteCount(of byteCount: Int) -> Int {
        headerByteCount + chunkCount(of: byteCount) * sealedChunkByteCount
    }

    /// How many chunks sealed bytes of this size hold; `nil` for a size that suite 1 does not give.
    public static func chunkCount(sealedByteCount: UInt64) -> Int? {
        guard sealedByteCount > UInt64(headerByteCount),
            sealedByteCount <= UInt64(Self.sealedByteCount(of: maximumByteCount))
        else { return nil }
        let (count, rest) = (Int(sealedByteCount) - headerByteCount).quotientAndRemainder(
            dividingBy: sealedChunkByteCount)
        return rest == 0 ? count : nil
    }

    /// Associated data of the first chunk: the message's binding and the attachment's index, one byte.
    static func firstBinding(_ binding: Digest, index: Int) -> [UInt8] { binding.bytes + [UInt8(index)] }

    /// Subkey 16 + i.
    static func key(_ key: borrowing MessageKey, index: Int) -> SecretBytes {
        precondition((0..<maximumCount).contains(index))
        return key.subkey(16 + UInt64(index))
    }
}
