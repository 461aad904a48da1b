public import Secrets
public import Statements

/// A file of a received message.
public struct ReceivedAttachment: Sendable {
    public let message: MessageID
    /// From 0, in the manifest's order.
    public let index: Int
    /// What the content says of it; `nil` when it says nothing.
    public let description: AttachmentDescription?
    /// Of the sealed bytes, as the manifest says.
    public let sealedByteCount: UInt64
    public let sealedHash: Digest
    /// Whether all of its sealed bytes are in this profile: then it can be opened without the relay.
    public let isHere: Bool

    /// Its sealed bytes, as the manifest names them.
    var sealed: Manifest.Blob { Manifest.Blob(size: sealedByteCount, hash: sealedHash) }

    /// A name that it may have here.
    public var fileName: SafeFileName { SafeFileName(description, index: index) }
}
