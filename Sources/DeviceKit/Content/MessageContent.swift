/// What a message says: a call record, or a text.
public enum MessageContent: Sendable, Equatable {
    case record(CallRecord)
    case text(String)

    /// `nightbell.text/1`.
    public static let textSchema = "nightbell.text/1"
    /// 65,535: with its padding mark the content fits the largest bucket.
    public static let maximumByteCount = 65_535

    /// A text as a person typed it.
    /// - Throws: ``DeviceKitError`` when it is empty or too long.
    public init(text: String) throws(DeviceKitError) {
        guard !text.isEmpty else {
            throw DeviceKitError(
                "empty_text", .usage, "the text is empty", next: "say something with --text, or pipe it to --text -")
        }
        self = .text(text)
        try checkSize()
    }

    /// A call record as intake wrote it, checked against its schema.
    /// - Throws: ``DeviceKitError`` that names the first fault.
    public init(recordFile bytes: [UInt8]) throws(DeviceKitError) {
        do {
            self = .record(try CallRecord(parsing: bytes))
        } catch {
            throw DeviceKitError(
                "bad_record", .usage, "the call record is refused: \(error.description)",
                next: "correct the record; its schema is nightbell.call-record/1")
        }
        try checkSize()
    }

    /// What was sealed, read by the one who opened it.
    /// - Returns: `nil` when it is neither a valid record nor a text; the bytes are then shown as they are.
    public init?(plaintext: [UInt8]) {
        guard let document = try? JSONParser.parse(plaintext), let schema = document["schema"]?.string else {
            return nil
        }
        if schema == Self.textSchema {
            guard case .object(let object) = document, object.members.count == 2, let text = document["text"]?.string
            else { return nil }
            self = .text(text)
        } else {
            guard let record = try? CallRecord(parsing: plaintext) else { return nil }
            self = .record(record)
        }
    }

    /// One UTF-8 JSON object without blanks.
    public var plaintext: [UInt8] { document.bytes }

    /// The same as a value.
    public var document: JSONValue {
        switch self {
        case .record(let record): record.document
        case .text(let text): ["schema": .string(Self.textSchema), "text": .string(text)]
        }
    }

    private func checkSize() throws(DeviceKitError) {
        guard plaintext.count <= Self.maximumByteCount else {
            throw DeviceKitError(
                "content_too_long", .usage,
                "the content has \(plaintext.count) bytes, and at most 65,535 can be sealed",
                next: "shorten it")
        }
    }
}
