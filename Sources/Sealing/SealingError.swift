public import Statements

/// Why sealed bytes do not open. Each code is also a receipt's reason, except `bad_key`.
public struct SealingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The key inside the sealed key does not give the manifest's commitments: the sender's fault.
        public static let commitment = Code(rawValue: "commitment")
        /// The sealed key does not open with this prekey.
        public static let seal = Code(rawValue: "seal")
        /// Content, alert or capsule does not open.
        public static let content = Code(rawValue: "content")
        /// The padding is not the only one permitted.
        public static let padding = Code(rawValue: "padding")
        /// An attachment does not open, or is not what the content says of it.
        public static let attachment = Code(rawValue: "attachment")
        /// A public key is no valid key: nothing can be sealed to it.
        public static let badKey = Code(rawValue: "bad_key")
        /// The plaintext does not fit where it should go.
        public static let tooLarge = Code(rawValue: "too_large")
    }

    public let code: Code

    public init(_ code: Code) { self.code = code }

    public var description: String { code.rawValue }

    /// What the recipient's receipt says.
    public var receiptReason: ReceiptReason? { ReceiptReason(rawValue: code.rawValue) }
}
