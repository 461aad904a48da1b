public import Logging
import Statements

/// Writes each log event as one JSON object on one line of ASCII.
///
/// `time`, `level`, `label`, `message`, then the metadata as flat keys in order (`nb.<area>.<field>` for ours), and for an
/// error `error`, its code or type. Messages are constant texts of ours; what varies stands in metadata, where
/// ``LogSensitivity`` decides whether it is written.
///
/// A line has at most ``maximumLineByteCount`` bytes: long values are cut, and metadata that no longer fits is left out;
/// `"cut":true` says so.
public struct JSONLogHandler: LogHandler {
    /// 8,192 bytes with the line feed.
    public static let maximumLineByteCount = 8192
    private static let maximumValueByteCount = 1024
    private static let ending = Array(",\"cut\":true}\n".utf8)
    private static let reserved: Set<String> = ["time", "level", "label", "message", "error", "cut"]

    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: any LogSink
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - label: Names the part of the program that logs.
    ///   - level: Events below it are not written.
    ///   - sink: Where lines go.
    ///   - provider: Adds metadata of the current task.
    public init(
        label: String, level: Logger.Level = .info, sink: any LogSink = StandardErrorSink.shared,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.init(label: label, level: level, sink: sink, metadataProvider: metadataProvider) { Timestamp.now() }
    }

    init(
        label: String, level: Logger.Level, sink: any LogSink, metadataProvider: Logger.MetadataProvider?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.label = label
        self.logLevel = level
        self.sink = sink
        self.metadataProvider = metadataProvider
        self.now = now
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let given = event.metadata { all.merge(given) { _, new in new } }
        sink.write(line(event, all))
    }

    private func line(_ event: LogEvent, _ metadata: Logger.Metadata) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(512)
        line += Array("{\"time\":\"\(now())\",\"level\":\"\(event.level.rawValue)\",\"label\":".utf8)
        var whole = JSONText.append(label, to: &line, limit: 128)
        line += Array(",\"message\":".utf8)
        whole = JSONText.append(event.message.description, to: &line, limit: Self.maximumValueByteCount) && whole
        if let error = event.error {
            line += Array(",\"error\":".utf8)
            let name = (error as? any LoggedError)?.logCode ?? String(describing: type(of: error))
            whole = JSONText.append(name, to: &line, limit: 256) && whole
        }
        let (fields, fieldsWhole) = flattened(metadata)
        whole = whole && fieldsWhole
        for (key, value) in fields {
            var field: [UInt8] = [UInt8(ascii: ",")]
            whole = JSONText.append(Self.reserved.contains(key) ? "meta.\(key)" : key, to: &field, limit: 128) && whole
            field.append(UInt8(ascii: ":"))
            whole = JSONText.append(value, to: &field, limit: Self.maximumValueByteCount) && whole
            guard line.count + field.count + Self.ending.count <= Self.maximumLineByteCount else {
                whole = false
                break
            }
            line += field
        }
        line += whole ? Self.ending.suffix(2) : Self.ending[...]
        return line
    }

    /// What may be written, by key, and whether that is all of it: dictionaries become dotted keys, lists numbered ones.
    private func flattened(_ metadata: Logger.Metadata) -> (fields: [(key: String, value: String)], whole: Bool) {
        var result: [(key: String, value: String)] = []
        var whole = true
        func visit(_ key: String, _ value: Logger.MetadataValue, depth: Int) {
            guard result.count < 64, depth < 8 else {
                whole = false
                return
            }
            switch value {
            case .dictionary(let inner):
                for (name, value) in inner.sorted(by: { $0.key < $1.key }) {
                    visit("\(key).\(name)", value, depth: depth + 1)
                }
            case .array(let values):
                for (index, value) in values.enumerated() { visit("\(key).\(index)", value, depth: depth + 1) }
            case .string(let text):
                result.append((key, text))
            case .stringConvertible(let text):
                switch value.attributes[LogSensitivity.self] {
                case .sensitive: return
                case .identifier where logLevel > .debug: return
                default: result.append((key, text.description))
                }
            }
        }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { visit(key, value, depth: 0) }
        return (result, whole)
    }
}
