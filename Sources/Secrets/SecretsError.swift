/// What can go wrong with keys and primitives. Never carries key material or plaintext.
public struct SecretsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind, used in `--json`, metrics and logs.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A key, nonce or signature has the wrong length.
        public static let wrongLength = Code(rawValue: "wrong_length")
        /// A public key is no valid point of its curve, or of small order.
        public static let badPublicKey = Code(rawValue: "bad_public_key")
        /// Sealed bytes do not open: wrong key, changed bytes or another binding.
        public static let doesNotOpen = Code(rawValue: "does_not_open")
        /// Padding is not what `sodium_pad` writes.
        public static let badPadding = Code(rawValue: "bad_padding")
        /// Not enough memory for the key derivation.
        public static let outOfMemory = Code(rawValue: "out_of_memory")
        /// A key file can be read by others than its owner.
        public static let keyFileTooOpen = Code(rawValue: "key_file_too_open")
        /// A key file is missing, of another size, or cannot be read.
        public static let keyFileUnreadable = Code(rawValue: "key_file_unreadable")
        /// A key file exists already, and we never write over one.
        public static let keyFileExists = Code(rawValue: "key_file_exists")
        /// A key file could not be written durably.
        public static let keyFileUnwritable = Code(rawValue: "key_file_unwritable")
    }

    public let code: Code
    /// Where a file is meant: its path. Never its content.
    public let path: String?

    public init(_ code: Code, path: String? = nil) {
        self.code = code
        self.path = path
    }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String {
        path.map { "\(code.rawValue): \"\($0)\"" } ?? code.rawValue
    }
}
