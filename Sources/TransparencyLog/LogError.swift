/// Why a proof, checkpoint or tile is refused.
public struct LogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not of the one form that the writer produces.
        public static let malformed = Code(rawValue: "malformed")
        /// The checkpoint is of another log.
        public static let wrongOrigin = Code(rawValue: "wrong_origin")
        /// The log's signature is missing or does not verify.
        public static let badSignature = Code(rawValue: "bad_signature")
        /// The proof does not lead to the root.
        public static let proofFailed = Code(rawValue: "proof_failed")
        /// Two trees that cannot both be true.
        public static let inconsistent = Code(rawValue: "inconsistent")
        /// A hash that the tree needs cannot be had.
        public static let missingHash = Code(rawValue: "missing_hash")
    }

    public let code: Code
    public let part: String

    public init(_ code: Code, part: String) {
        self.code = code
        self.part = part
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String { "\(code.rawValue): \(part)" }
}
