public import Secrets

/// Opens one attachment, chunk by chunk. The caller has checked that its bytes have the hash that the manifest names.
public struct AttachmentOpener: ~Copyable {
    private var stream: SecretStreamOpener
    private var binding: [UInt8]

    /// - Parameter header: The first ``Attachment/headerByteCount`` bytes.
    /// - Throws: ``SealingError/Code/attachment``.
    public init(
        header: [UInt8], key: borrowing MessageKey, index: Int, binding: Digest
    ) throws(SealingError) {
        do {
            stream = try SecretStreamOpener(header: header, key: Attachment.key(key, index: index))
        } catch {
            throw SealingError(.attachment)
        }
        self.binding = Attachment.firstBinding(binding, index: index)
    }

    /// Opens the next ``Attachment/sealedChunkByteCount`` bytes.
    /// - Parameter isLast: Whether the sealed size leaves no chunk after it; its padding is taken off.
    /// - Throws: ``SealingError/Code/attachment``. Nothing of the attachment is to be kept then.
    public mutating func open(_ sealed: [UInt8], isLast: Bool) throws(SealingError) -> [UInt8] {
        guard sealed.count == Attachment.sealedChunkByteCount else { throw SealingError(.attachment) }
        defer { binding = [] }
        do {
            let chunk = try stream.open(sealed, binding: binding, isLast: isLast)
            return isLast ? try Padding.unpad(chunk) : chunk
        } catch {
            throw SealingError(.attachment)
        }
    }
}
