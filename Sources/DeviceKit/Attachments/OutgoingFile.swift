import Sealing
import Secrets
import Statements

/// A file that a person wants to send: looked at once, so that the content can say what it is.
public struct OutgoingFile: Sendable {
    enum Source: Sendable {
        case file(String)
        /// An attachment of a received message, for handing it on.
        case received(MessageID, index: Int)
    }

    let source: Source
    let kind: AttachmentDescription.Kind
    let mediaType: String
    let title: String?
    let byteCount: UInt64
    let hash: Digest

    /// Reads a file once, a piece at a time.
    /// - Throws: ``DeviceKitError`` when it is missing, empty or longer than 25 MiB.
    public init(path: String) throws(DeviceKitError) {
        let reader = try FileReader(path)
        guard reader.byteCount <= Attachment.maximumByteCount else { throw Self.tooLong(path) }
        let counted: (byteCount: Int, hash: Digest)
        do { counted = try Self.measure(reader) } catch {
            throw (error as? DeviceKitError) ?? DeviceKitError(describing: error)
        }
        guard counted.byteCount > 0 else {
            throw DeviceKitError(
                "empty_attachment", .usage, "\"\(path)\" is empty", next: "leave it out, or give another file")
        }
        guard counted.byteCount <= Attachment.maximumByteCount else { throw Self.tooLong(path) }
        let type = MediaType(fileName: path)
        self.init(
            source: .file(path), kind: type.kind, mediaType: type.name,
            title: SafeFileName(path.split(separator: "/").last.map(String.init) ?? "")?.text,
            byteCount: UInt64(counted.byteCount), hash: counted.hash)
    }

    /// An attachment of a received message, as its sender described it.
    public init(_ attachment: ReceivedAttachment) throws(DeviceKitError) {
        guard let description = attachment.description else {
            throw DeviceKitError(
                "attachment_unknown", .failed, "its sender did not say what attachment \(attachment.index + 1) is",
                next: "save it, look at it, and send it as a file")
        }
        self.init(
            source: .received(attachment.message, index: attachment.index), kind: description.kind,
            mediaType: description.mediaType, title: description.title, byteCount: description.byteCount,
            hash: description.hash)
    }

    private init(
        source: Source, kind: AttachmentDescription.Kind, mediaType: String, title: String?, byteCount: UInt64,
        hash: Digest
    ) {
        self.source = source
        self.kind = kind
        self.mediaType = mediaType
        self.title = title
        self.byteCount = byteCount
        self.hash = hash
    }

    /// What the content says of it, in its place.
    public func description(index: Int) -> AttachmentDescription {
        AttachmentDescription(
            index: index, kind: kind, mediaType: mediaType, byteCount: byteCount, hash: hash, title: title)
    }

    static func measure(_ source: some ByteSource) throws -> (byteCount: Int, hash: Digest) {
        var hash = DigestStream()
        var count = 0
        while count <= Attachment.maximumByteCount {
            let piece = try source.next(Attachment.chunkByteCount)
            hash.add(piece)
            count += piece.count
            if piece.count < Attachment.chunkByteCount { break }
        }
        return (count, hash.digest())
    }

    private static func tooLong(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "attachment_too_long", .usage, "\"\(path)\" has more than 25 MiB",
            next: "shorten or split it, or pass it on in another way")
    }
}
