/// Why a witness does not serve.
public struct WitnessError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// In clear to more than this machine.
        public static let plaintextRefused = Code(rawValue: "plaintext_refused")
        /// Certificate or key cannot be used.
        public static let certificateUnusable = Code(rawValue: "certificate_unusable")
        /// The key file is open to others.
        public static let keyTooOpen = Code(rawValue: "key_too_open")
        /// The address is taken, or not this machine's.
        public static let addressUnusable = Code(rawValue: "address_unusable")
    }

    public let code: Code
    /// Which file or address, and what is wrong with it, in our words.
    public let part: String

    public init(_ code: Code, _ part: String) {
        self.code = code
        self.part = part
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(part)" }
}
