import Sealing
public import Secrets

/// What a content says of one of its files: the schema of a call record's `attachments`, which texts share.
///
/// It is inside the seal: neither the relay nor the log knows what a file is called, what it is, or its exact size.
public struct AttachmentDescription: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case recording, photo, document
    }

    /// A UUID: made from the file's place and hash, so that the same command makes the same one.
    public let id: String
    public let kind: Kind
    public let mediaType: String
    /// The file's size.
    public let byteCount: UInt64
    /// The file's hash.
    public let hash: Digest
    /// The file's name, when it has one.
    public let title: String?

    /// Of a file about to be sent.
    init(index: Int, kind: Kind, mediaType: String, byteCount: UInt64, hash: Digest, title: String?) {
        self.init(
            id: Self.identifier(index: index, hash: hash), kind: kind, mediaType: mediaType, byteCount: byteCount,
            hash: hash, title: title)
    }

    private init(id: String, kind: Kind, mediaType: String, byteCount: UInt64, hash: Digest, title: String?) {
        self.id = id
        self.kind = kind
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.hash = hash
        self.title = title
    }

    /// RFC 9562 version 8 of the first 16 bytes of SHA-256(index ‖ hash).
    private static func identifier(index: Int, hash: Digest) -> String {
        var bytes = Array(Digest.sha256([UInt8(index)] + hash.bytes).bytes.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array(Hex.encode(bytes).utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: hex[$0], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// As it stands in a content.
    public var document: JSONValue {
        var object = JSONObject()
        object.set("id", to: .string(id))
        object.set("kind", to: .string(kind.rawValue))
        object.set("media_type", to: .string(mediaType))
        object.set("bytes", to: .integer(byteCount))
        object.set("sha256", to: .string(hash.hex))
        object.set("title", ifPresent: title.map { .string($0) })
        return .object(object)
    }

    /// - Returns: `nil` for anything that the schema does not permit.
    init?(_ document: JSONValue) {
        guard case .object(let object) = document,
            object.members.allSatisfy({ Self.keys.contains($0.key) }),
            let id = object["id"]?.string, StringFormat.uuid.matches(id),
            let kind = object["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let mediaType = object["media_type"]?.string, mediaType.unicodeScalars.count <= Self.longestMediaType,
            let byteCount = object["bytes"]?.integer, (1...Int64(Attachment.maximumByteCount)).contains(byteCount),
            let hash = object["sha256"]?.string.flatMap({ Digest(hex: Array($0.utf8)) })
        else { return nil }
        let title = object["title"]?.string
        guard (object["title"] == nil) == (title == nil), (title?.unicodeScalars.count ?? 0) <= Self.longestTitle else {
            return nil
        }
        self.init(
            id: id, kind: kind, mediaType: mediaType, byteCount: UInt64(byteCount), hash: hash, title: title)
    }

    private static let keys: Set<String> = ["id", "kind", "media_type", "bytes", "sha256", "title"]
    /// 120 characters.
    static let longestTitle = 120
    private static let longestMediaType = 100

    /// What a content lists; `nil` when its list is not of the schema.
    static func list(in content: JSONValue) -> [AttachmentDescription]? {
        guard let value = content["attachments"] else { return [] }
        guard let items = value.array, items.count <= Attachment.maximumCount else { return nil }
        let list = items.compactMap(AttachmentDescription.init)
        return list.count == items.count ? list : nil
    }

    /// What the plaintext of a message lists; empty when it cannot be read.
    public static func list(in plaintext: [UInt8]) -> [AttachmentDescription] {
        (try? JSONParser.parse(plaintext)).flatMap { list(in: $0) } ?? []
    }
}
