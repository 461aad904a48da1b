public import Secrets
public import Statements

/// What a person says to a message: words of their own, or those that a receipt's code leaves out.
public struct Reply: Sendable, Equatable {
    /// `nightbell.reply/1`.
    public static let schema = "nightbell.reply/1"

    public let text: String?
    /// When the patient is called, by ``Statements/ReceiptReason/willCallBy``.
    public let promisedAt: Timestamp?
    /// How the matter ended, by ``Statements/ReceiptAction/closed``.
    public let disposition: String?
    /// Hash of the receipt that these words belong to.
    public let receipt: Digest?

    /// - Throws: ``DeviceKitError`` when nothing is said.
    public init(
        text: String? = nil, promisedAt: Timestamp? = nil, disposition: String? = nil, receipt: Digest? = nil
    ) throws(DeviceKitError) {
        self.init(unchecked: text, promisedAt, disposition, receipt)
        guard isSaying, ![text, disposition].contains(where: { $0?.allSatisfy(\.isWhitespace) ?? false }) else {
            throw DeviceKitError(
                "empty_text", .usage, "the reply is empty", next: "say something with --text, or pipe it to --text -")
        }
    }

    private init(unchecked text: String?, _ promisedAt: Timestamp?, _ disposition: String?, _ receipt: Digest?) {
        self.text = text
        self.promisedAt = promisedAt
        self.disposition = disposition
        self.receipt = receipt
    }

    private var isSaying: Bool {
        [text, disposition].allSatisfy { $0 != "" } && (text != nil || promisedAt != nil || disposition != nil)
    }

    /// - Returns: `nil` unless it is a reply as Nightbell writes them.
    init?(_ document: JSONValue) {
        guard case .object(let object) = document, object["schema"]?.string == Self.schema,
            object.members.allSatisfy({ Self.keys.contains($0.key) && $0.value.string != nil })
        else { return nil }
        let promised = object["promised_at"]?.string.map { Timestamp(Array($0.utf8)) }
        let receipt = object["receipt"]?.string.map { Digest(hex: Array($0.utf8)) }
        if case .some(nil) = promised { return nil }
        if case .some(nil) = receipt { return nil }
        self.init(
            unchecked: object["text"]?.string, promised ?? nil, object["disposition"]?.string, receipt ?? nil)
        guard isSaying else { return nil }
    }

    private static let keys: Set<String> = ["schema", "text", "promised_at", "disposition", "receipt"]

    var document: JSONValue {
        var object = JSONObject()
        object.set("schema", to: .string(Self.schema))
        object.set("text", ifPresent: text.map { .string($0) })
        object.set("promised_at", ifPresent: promisedAt.map { .text($0) })
        object.set("disposition", ifPresent: disposition.map { .string($0) })
        object.set("receipt", ifPresent: receipt.map { .string($0.hex) })
        return .object(object)
    }

    /// ``receipt`` in hex.
    public var receiptHash: String? { receipt?.hex }

    /// The same words, for a receipt.
    func belonging(to receipt: Digest) -> Reply { Reply(unchecked: text, promisedAt, disposition, receipt) }
}
