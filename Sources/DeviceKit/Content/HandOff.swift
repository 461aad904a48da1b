import Membership
public import Statements

/// A message that somebody carries on to somebody else: the original as it was sealed, and what shows that it is.
///
/// The original's key, its nonce and the very bytes that were sealed give the sealed content again: if its hash is the one in
/// the manifest that the first sender signed, nobody has changed a letter. Whoever gets a hand-off gets the original's key
/// with it; it opens nothing that the hand-off does not hold, but the original's attachments.
public struct HandOff: Sendable, Equatable {
    /// `nightbell.hand-off/1`.
    public static let schema = "nightbell.hand-off/1"
    static let nonceByteCount = 24

    /// The words of the one who hands it on.
    public let text: String?
    /// The original's entry of the activity log: its time, and the manifest with its sender's signature.
    let entry: String
    /// The tlog-proof of the entry's place.
    let proof: String
    /// The original's message key, base64; `nil` when it was no longer there to be given.
    let key: String?
    /// The nonce of the original's sealed content, base64.
    let nonce: String
    /// The original's content, byte for byte.
    let content: String

    init(text: String?, entry: String, proof: String, key: String?, nonce: String, content: String) {
        self.text = text
        self.entry = entry
        self.proof = proof
        self.key = key
        self.nonce = nonce
        self.content = content
    }

    /// - Returns: `nil` unless it is a hand-off as Nightbell writes them.
    init?(_ document: JSONValue) {
        guard case .object(let object) = document, object["schema"]?.string == Self.schema,
            object.members.allSatisfy({ Self.keys.contains($0.key) && $0.value.string != nil }),
            let entry = object["entry"]?.string, let proof = object["proof"]?.string,
            let nonce = object["nonce"]?.string, let content = object["content"]?.string, object["text"]?.string != ""
        else { return nil }
        self.init(
            text: object["text"]?.string, entry: entry, proof: proof, key: object["key"]?.string, nonce: nonce,
            content: content)
    }

    private static let keys: Set<String> = ["schema", "text", "entry", "proof", "key", "nonce", "content"]

    var document: JSONValue {
        var object = JSONObject()
        object.set("schema", to: .string(Self.schema))
        object.set("text", ifPresent: text.map { .string($0) })
        object.set("entry", to: .string(entry))
        object.set("proof", to: .string(proof))
        object.set("key", ifPresent: key.map { .string($0) })
        object.set("nonce", to: .string(nonce))
        object.set("content", to: .string(content))
        return .object(object)
    }

    /// The original's content as it was sealed.
    public var originalText: String { content }

    /// What was handed on, as it claims to be; `nil` when it is nothing that this version reads.
    public var original: MessageContent? { MessageContent(plaintext: Array(content.utf8)) }

    /// The record or text at the bottom of however many hands it went through.
    public var innermost: MessageContent? {
        var content = original
        for _ in 0..<ReferredMessage.maximumForwards {
            guard case .handOff(let inner)? = content else { break }
            content = inner.original
        }
        return content
    }

    /// The original's manifest, as it claims to be.
    public var manifest: Manifest? { DeviceSession.manifest(inEntry: Array(entry.utf8))?.manifest }
}
