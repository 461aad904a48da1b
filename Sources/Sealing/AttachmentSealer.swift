public import Secrets

/// Seals one attachment, chunk by chunk: the header, every full chunk, then the rest, however short.
public struct AttachmentSealer: ~Copyable {
    private var stream: SecretStreamSealer
    private var binding: [UInt8]

    /// The first bytes of the sealed attachment.
    public var header: [UInt8] { stream.header }

    /// - Precondition: `index` is below ``Attachment/maximumCount``.
    public init(key: borrowing MessageKey, index: Int, binding: Digest) {
        stream = SecretStreamSealer(key: Attachment.key(key, index: index))
        self.binding = Attachment.firstBinding(binding, index: index)
    }

    /// Seals a full chunk. - Precondition: exactly ``Attachment/chunkByteCount`` bytes.
    public mutating func seal(_ chunk: [UInt8]) -> [UInt8] {
        precondition(chunk.count == Attachment.chunkByteCount)
        return next(chunk, isLast: false)
    }

    /// Seals what is left after the last full chunk, and ends the stream.
    /// - Precondition: fewer than ``Attachment/chunkByteCount`` bytes.
    public mutating func finish(_ rest: [UInt8]) -> [UInt8] {
        guard let padded = Padding.pad(rest, to: Attachment.chunkByteCount) else {
            preconditionFailure("the rest of an attachment is no full chunk")
        }
        return next(padded, isLast: true)
    }

    private mutating func next(_ chunk: [UInt8], isLast: Bool) -> [UInt8] {
        defer { binding = [] }
        return stream.seal(chunk, binding: binding, isLast: isLast)
    }
}
