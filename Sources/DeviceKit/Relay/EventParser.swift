/// One event of a stream of server-sent events (WHATWG HTML, "Server-sent events").
public struct ServerEvent: Sendable, Equatable {
    /// The event's name; `message` when none was given.
    public let name: String
    /// Only when this event carried one.
    public let id: String?
    /// The data lines, joined with line feeds.
    public let data: [UInt8]

    public init(name: String, id: String?, data: [UInt8]) {
        self.name = name
        self.id = id
        self.data = data
    }
}

/// Cuts a stream of bytes into events, whatever the chunks.
///
/// Lines end with LF, CR or CR LF. Fields other than `event`, `id` and `data` are skipped, as are comments. An event is
/// bounded, so that a relay cannot fill our memory.
public struct EventParser {
    /// 1 MiB: an event with the largest item has a quarter of that.
    public static let maximumByteCount = 1 << 20

    /// The stream is not one that we read on.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private var line: [UInt8] = []
    private var afterCarriageReturn = false
    private var name = ""
    private var id: String?
    private var data: [UInt8] = []
    private var hasData = false

    public init() {}

    /// Takes a chunk in.
    /// - Returns: The events that it completed.
    /// - Throws: ``Failure`` when a line or an event is longer than the bound.
    public mutating func take(_ chunk: some Sequence<UInt8>) throws(Failure) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in chunk {
            defer { afterCarriageReturn = byte == UInt8(ascii: "\r") }
            switch byte {
            case UInt8(ascii: "\n") where afterCarriageReturn: continue
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let event = endLine() { events.append(event) }
            default:
                guard line.count + data.count < Self.maximumByteCount else {
                    throw Failure(description: "an event of the stream has more than \(Self.maximumByteCount) bytes")
                }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let field = line[..<colon]
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if field.elementsEqual("data".utf8) {
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        } else if field.elementsEqual("id".utf8), !value.contains(0) {
            id = String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private mutating func endEvent() -> ServerEvent? {
        defer {
            name = ""
            id = nil
            data = []
            hasData = false
        }
        guard hasData || !name.isEmpty else { return nil }
        return ServerEvent(name: name.isEmpty ? "message" : name, id: id, data: data)
    }
}
