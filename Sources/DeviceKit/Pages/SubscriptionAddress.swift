import Secrets

/// Where a push service takes what is for this device. Whoever has it may send there: it is kept by the relay alone, and
/// never shown again.
public enum SubscriptionAddress: Sendable {
    /// An https URL (RFC 8030).
    case webPush(endpoint: String)
    /// A device token of APNs, in hex.
    case apns(token: String)
    /// A registration token of FCM.
    case fcm(token: String)

    /// 4,096 bytes: more than any push service gives.
    public static let maximumByteCount = 4_096

    /// - Parameter bytes: What was read from a file, whose last line feed is none of it.
    /// - Throws: ``DeviceKitError`` for what cannot be such an address; it never says what was read.
    public init(_ transport: PushTransportName, reading bytes: [UInt8]) throws {
        var bytes = bytes
        // Blanks around it came with copying.
        let blanks = Array(" \t\r\n".utf8)
        while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
        bytes = Array(bytes.drop { blanks.contains($0) })
        guard !bytes.isEmpty, bytes.count <= Self.maximumByteCount, bytes.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw Self.unusable(
                transport, "is not one line of 1 to \(Self.maximumByteCount) printable ASCII characters without blanks")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        switch transport {
        case .webPush:
            guard text.lowercased().hasPrefix("https://"), text.utf8.count > 8 else {
                throw Self.unusable(transport, "does not begin with https://")
            }
            self = .webPush(endpoint: text)
        case .apns:
            guard Hex.decode(Array(text.lowercased().utf8)) != nil else {
                throw Self.unusable(transport, "is not a number of bytes in hex")
            }
            self = .apns(token: text.lowercased())
        case .fcm: self = .fcm(token: text)
        }
    }

    public var transport: PushTransportName {
        switch self {
        case .webPush: .webPush
        case .apns: .apns
        case .fcm: .fcm
        }
    }

    private static func unusable(_ transport: PushTransportName, _ why: String) -> DeviceKitError {
        DeviceKitError(
            "bad_push_address", .usage, "the address for \(transport.words) \(why)",
            next: transport == .webPush
                ? "give the endpoint URL that the distributor or browser shows, and nothing else"
                : "give the token that the device's push service handed out, and nothing else")
    }
}

/// A transport of pages, by the API's word.
public enum PushTransportName: String, CaseIterable, Sendable {
    case webPush = "web_push"
    case apns
    case fcm

    /// As people say it.
    public var words: String {
        switch self {
        case .webPush: "Web Push"
        case .apns: "APNs"
        case .fcm: "FCM"
        }
    }
}
