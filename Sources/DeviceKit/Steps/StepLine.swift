public import Secrets
public import Statements

/// One line of the step log: one JSON object of fixed fields in a fixed order.
///
/// `{"number":7,"previous":"<hex>","at":"<time>","step":"content","message":"msg-…","milliseconds":0.412,"established":"…"}`
public struct StepLine: Sendable, Equatable {
    /// 2,048.
    public static let maximumByteCount = 2_048

    /// Counts from 1.
    public let number: UInt64
    /// SHA-256 of the line before, without its line feed; zeros for the first.
    public let previous: Digest
    public let at: Timestamp
    public let step: StepName
    /// The message that the step is about.
    public let message: MessageID?
    /// How long the step took.
    public let microseconds: UInt64
    /// What it proved, in a sentence without patient content.
    public let established: String

    public init(
        number: UInt64, previous: Digest, at: Timestamp, step: StepName, message: MessageID?, microseconds: UInt64,
        established: String
    ) {
        self.number = number
        self.previous = previous
        self.at = at
        self.step = step
        self.message = message
        self.microseconds = microseconds
        self.established = established
    }

    /// Parses exactly what ``bytes`` writes.
    /// - Returns: `nil` for anything else.
    public init?(parsing line: [UInt8]) {
        guard line.count <= Self.maximumByteCount, let document = try? JSONParser.parse(line),
            let number = document["number"]?.integer, number > 0,
            let previous = document["previous"]?.string.flatMap({ Digest(hex: Array($0.utf8)) }),
            let at = document["at"]?.string.flatMap({ Timestamp(Array($0.utf8)) }),
            let step = document["step"]?.string.flatMap(StepName.init(rawValue:)),
            case .number(let milliseconds) = document["milliseconds"],
            let microseconds = Self.microseconds(milliseconds.literal),
            let established = document["established"]?.string
        else { return nil }
        var message: MessageID?
        if let text = document["message"]?.string {
            guard let id = MessageID(text) else { return nil }
            message = id
        }
        self.init(
            number: UInt64(number), previous: previous, at: at, step: step, message: message,
            microseconds: microseconds, established: established)
        guard bytes == line else { return nil }
    }

    /// Without the line feed.
    public var bytes: [UInt8] {
        var object = JSONObject()
        object.set("number", to: .integer(number))
        object.set("previous", to: .text(previous))
        object.set("at", to: .text(at))
        object.set("step", to: .string(step.rawValue))
        object.set("message", to: .text(orNull: message))
        object.set("milliseconds", to: .number(JSONNumber(literal: Self.milliseconds(microseconds))))
        object.set("established", to: .string(established))
        return Array(JSONValue.object(object).ascii.utf8)
    }

    /// What the next line names as `previous`, and a receipt as `steps`.
    public var hash: Digest { Digest.sha256(bytes) }

    /// Milliseconds with three decimals.
    public static func milliseconds(_ microseconds: UInt64) -> String {
        let fraction = "\(microseconds % 1000)"
        return "\(microseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private static func microseconds(_ literal: String) -> UInt64? {
        let parts = literal.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 3, let whole = UInt64(parts[0]), whole < 1 << 40,
            let fraction = UInt64(parts[1])
        else { return nil }
        return whole * 1000 + fraction
    }
}
