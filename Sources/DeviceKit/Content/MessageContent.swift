import Sealing

/// What a message says.
public enum MessageContent: Sendable, Equatable {
    case record(CallRecord)
    case text(String)
    case reply(Reply)
    /// Another message, carried on.
    indirect case handOff(HandOff)

    /// `nightbell.text/1`.
    public static let textSchema = "nightbell.text/1"
    /// 65,535: with its padding mark the content fits the largest bucket.
    public static let maximumByteCount = 65_535

    /// A text as a person typed it.
    /// - Throws: ``DeviceKitError`` when it is empty or too long.
    public init(text: String) throws(DeviceKitError) {
        guard !text.allSatisfy(\.isWhitespace) else {
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
        switch schema {
        case Self.textSchema:
            guard case .object(let object) = document,
                object.members.allSatisfy({ ["schema", "text", "attachments"].contains($0.key) }),
                let text = document["text"]?.string, let attachments = AttachmentDescription.list(in: document),
                attachments.isEmpty == (document["attachments"] == nil)
            else { return nil }
            self = .text(text)
        case Reply.schema:
            guard let reply = Reply(document) else { return nil }
            self = .reply(reply)
        case HandOff.schema:
            guard let handOff = HandOff(document) else { return nil }
            self = .handOff(handOff)
        default:
            guard let record = try? CallRecord(parsing: plaintext) else { return nil }
            self = .record(record)
        }
    }

    /// One UTF-8 JSON object without blanks.
    public var plaintext: [UInt8] { document.bytes }

    /// The same as a value. A record names its attachments itself.
    public var document: JSONValue {
        switch self {
        case .record(let record): record.document
        case .text(let text): ["schema": .string(Self.textSchema), "text": .string(text)]
        case .reply(let reply): reply.document
        case .handOff(let handOff): handOff.document
        }
    }

    /// Words that answer a message.
    /// - Throws: ``DeviceKitError`` when they are too long.
    init(_ reply: Reply) throws(DeviceKitError) {
        self = .reply(reply)
        try checkSize()
    }

    /// A message that is carried on.
    /// - Throws: ``DeviceKitError`` when it does not fit with what shows whose it is.
    init(_ handOff: HandOff) throws(DeviceKitError) {
        self = .handOff(handOff)
        guard plaintext.count <= Self.maximumByteCount else {
            throw DeviceKitError(
                "hand_off_too_long", .usage,
                "the message has \(plaintext.count) bytes with what shows whose it is, and at most 65,535 can be sealed",
                next: "hand it off by telephone, or ask its sender to send it to the other member")
        }
    }

    /// Whom it is about, as far as it says so itself.
    public var patientID: String? {
        switch self {
        case .record(let record): record.patientID
        case .handOff(let handOff): handOff.innermost?.patientID
        case .text, .reply: nil
        }
    }

    /// The same with what a text carries along.
    func document(with attachments: [AttachmentDescription]) -> JSONValue {
        guard case .text = self, case .object(var object) = document, !attachments.isEmpty else { return document }
        object.set("attachments", to: .array(attachments.map(\.document)))
        return .object(object)
    }

    /// A content that names these files. A record that lists attachments must list exactly these, in any order; one that
    /// lists none gets them.
    /// - Returns: The content, and the files in its order.
    /// - Throws: ``DeviceKitError``.
    func naming(_ files: [OutgoingFile]) throws(DeviceKitError) -> (content: MessageContent, files: [OutgoingFile]) {
        guard files.count <= Attachment.maximumCount else {
            throw DeviceKitError(
                "too_many_attachments", .usage, "a message carries at most \(Attachment.maximumCount) files",
                next: "send the others with another message")
        }
        guard case .record(let record) = self else { return (self, files) }
        let listed = AttachmentDescription.list(in: record.document) ?? []
        if listed.isEmpty {
            guard !files.isEmpty, case .object(var object) = record.document else { return (self, files) }
            object.set("attachments", to: .array(files.enumerated().map { $1.description(index: $0).document }))
            return (try MessageContent(recordFile: JSONValue.object(object).bytes), files)
        }
        var left = files
        var ordered: [OutgoingFile] = []
        for description in listed {
            guard
                let place = left.firstIndex(where: {
                    $0.hash == description.hash && $0.byteCount == description.byteCount
                })
            else {
                throw DeviceKitError(
                    "attachment_missing", .usage,
                    "the call record lists an attachment of \(description.byteCount) bytes that is none of the files",
                    next: "name it with --attach FILE, or take it out of the record")
            }
            ordered.append(left.remove(at: place))
        }
        guard left.isEmpty else {
            throw DeviceKitError(
                "attachment_unlisted", .usage, "the call record lists other attachments than the files that are named",
                next: "name exactly those, or leave the record's list out: it is then made from the files")
        }
        return (self, ordered)
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
