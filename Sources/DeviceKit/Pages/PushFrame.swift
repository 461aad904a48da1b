import Secrets
public import Statements
import WebPush

/// A body of Web Push as whatever receives it hands it on: a line of text, so that a shell script can.
///
/// `[SUBSCRIPTION-ID SP] BASE64 LF`: the body as it came (`aes128gcm`), in base64 with padding, behind the id of the
/// subscription where that is known. Nothing else stands in the line, no carriage return either.
public struct PushFrame: Sendable, Equatable {
    /// `nil`: it is tried with the keys of every subscription.
    public let subscription: SubscriptionID?
    /// 1 to 4,096 bytes.
    public let body: [UInt8]

    /// 5,495: an id, a blank, and 4,096 bytes in base64; without the line feed.
    public static let maximumLineByteCount = 30 + 1 + (PushMessage.maximumByteCount + 2) / 3 * 4

    /// - Precondition: `body` is not empty, and at most 4,096 bytes.
    public init(subscription: SubscriptionID?, body: [UInt8]) {
        precondition((1...PushMessage.maximumByteCount).contains(body.count))
        self.subscription = subscription
        self.body = body
    }

    /// - Parameter line: Without its line feed.
    /// - Throws: ``Refusal``.
    public init(parsing line: [UInt8]) throws(Refusal) {
        guard line.count <= Self.maximumLineByteCount else { throw .tooLong }
        var rest = line[...]
        var subscription: SubscriptionID?
        if let blank = rest.firstIndex(of: UInt8(ascii: " ")) {
            guard let text = String(validating: rest[..<blank], as: UTF8.self), let id = SubscriptionID(text) else {
                throw .noSubscription
            }
            subscription = id
            rest = rest[(blank + 1)...]
        }
        guard let body = Base64.decode(Array(rest)), !body.isEmpty else { throw .noBody }
        guard body.count <= PushMessage.maximumByteCount else { throw .tooLong }
        self.init(subscription: subscription, body: body)
    }

    /// With its line feed.
    public var line: [UInt8] {
        (subscription.map { Array("\($0) ".utf8) } ?? []) + Base64.encodedBytes(body) + [UInt8(ascii: "\n")]
    }

    /// Why a line is none. Says nothing of what stood in it.
    public enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        case tooLong, noSubscription, noBody
        /// The writer went away in the middle.
        case unfinished

        public var description: String {
            switch self {
            case .tooLong: "it is longer than any body of Web Push"
            case .noSubscription: "what stands before the blank is no subscription's id"
            case .noBody: "it is not base64 of a body"
            case .unfinished: "it has no end"
            }
        }
    }
}

/// Lines of ``PushFrame`` in whatever pieces they come.
public struct PushFrameReader: Sendable {
    /// The part of a line that has come.
    private var beginning: [UInt8] = []
    /// Whether that line is refused already, and only its end is looked for.
    private var isPassingOver = false

    public init() {}

    /// Whether a line has begun and not ended.
    public var isInLine: Bool { isPassingOver || !beginning.isEmpty }

    /// Keeps at most one line, however long one gets.
    /// - Returns: What ended, or turned out to be too long, in its order.
    public mutating func take(_ bytes: some Sequence<UInt8>) -> [Result<PushFrame, PushFrame.Refusal>] {
        var found: [Result<PushFrame, PushFrame.Refusal>] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if !isPassingOver {
                    let line = beginning
                    found.append(Result { () throws(PushFrame.Refusal) in try PushFrame(parsing: line) })
                }
                (beginning, isPassingOver) = ([], false)
            } else if !isPassingOver {
                beginning.append(byte)
                if beginning.count > PushFrame.maximumLineByteCount {
                    found.append(.failure(.tooLong))
                    (beginning, isPassingOver) = ([], true)
                }
            }
        }
        return found
    }

    /// The writer is gone.
    public mutating func end() -> PushFrame.Refusal? {
        defer { (beginning, isPassingOver) = ([], false) }
        return beginning.isEmpty ? nil : .unfinished
    }
}
