public import Secrets

/// One entry of a log: `nightbell.entry/v1 <time>` LF and the whole note, or an event's text.
public struct Entry: Hashable, Sendable {
    private static let prefix = Array("nightbell.entry/v1 ".utf8)
    /// The longest entry that a tile bundle can hold.
    public static let maximumByteCount = 65_535

    public let time: Timestamp
    /// A note, or an event's text.
    public let body: [UInt8]

    public init(time: Timestamp, body: [UInt8]) {
        self.time = time
        self.body = body
    }

    /// - Throws: ``StatementError/Code/malformed``. The body is not looked at.
    public init(parsing bytes: [UInt8]) throws(StatementError) {
        let (time, body) = try Self.parts(of: bytes[...])
        self.init(time: time, body: Array(body))
    }

    /// The same of a slice, without copying the body out.
    public static func parts(
        of bytes: ArraySlice<UInt8>
    ) throws(StatementError) -> (time: Timestamp, body: ArraySlice<UInt8>) {
        let times = bytes.dropFirst(prefix.count).prefix(Timestamp.byteCount)
        guard bytes.count > prefix.count + Timestamp.byteCount + 1, bytes.count <= maximumByteCount,
            bytes.starts(with: prefix), bytes[times.endIndex] == Ascii.lineFeed, let time = Timestamp(times)
        else { throw StatementError(.malformed, line: 1, part: "entry") }
        return (time, bytes[(times.endIndex + 1)...])
    }

    public var bytes: [UInt8] {
        var result = Self.prefix
        result.reserveCapacity(result.count + 25 + body.count)
        time.write(to: &result)
        result.append(Ascii.lineFeed)
        result.append(contentsOf: body)
        return result
    }

    /// SHA-256(0x00 ‖ entry), RFC 6962 section 2.1.
    public var leafHash: Digest { Digest.sha256(prefix: 0, bytes) }
}

/// What stands in the activity log.
public enum ActivityStatement: Sendable {
    case manifest(Manifest, SignedNote)
    case receipt(Receipt, SignedNote)
    case access(Access, SignedNote)
    case event(RelayEvent)

    /// Parses an entry's body by its first line.
    /// - Throws: ``StatementError/Code/unknownType`` for a type that this version does not know.
    public init(parsing body: [UInt8]) throws(StatementError) { try self.init(parsing: body[...]) }

    /// The same of a slice: an entry's body, where it lies.
    public init(parsing body: ArraySlice<UInt8>) throws(StatementError) {
        let type = body.prefix { $0 != Ascii.lineFeed }
        if Manifest.type.matches(type) {
            let note = try SignedNote(parsing: body)
            self = .manifest(try Manifest(parsing: note.text), note)
        } else if Receipt.type.matches(type) {
            let note = try SignedNote(parsing: body)
            self = .receipt(try Receipt(parsing: note.text), note)
        } else if Access.type.matches(type) {
            let note = try SignedNote(parsing: body)
            self = .access(try Access(parsing: note.text), note)
        } else if RelayEvent.type.matches(type) {
            self = .event(try RelayEvent(parsing: Array(body)))
        } else {
            // A later version may log texts that nobody signs, as events are.
            throw StatementError(notRead: (try? SignedNote(parsing: body))?.text ?? Array(body))
        }
    }

    /// The message that the statement is about. A look at one is about whoever looked.
    public var message: MessageID? {
        switch self {
        case .manifest(let manifest, _): manifest.message
        case .receipt(let receipt, _): receipt.message
        case .access: nil
        case .event(let event): event.message
        }
    }
}
