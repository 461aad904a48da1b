/// Why a text, note or identifier is refused. Names the place, never the content: what came from outside is not echoed.
public struct StatementError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind, used on the wire, in `--json` and in metrics.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not what the writer would have produced, byte for byte.
        public static let malformed = Code(rawValue: "malformed")
        /// Larger than its bound.
        public static let tooLarge = Code(rawValue: "too_large")
        /// A statement type that this version does not know: the reader stops and asks for an update.
        public static let unknownType = Code(rawValue: "unknown_type")
        /// A value that a later version may know and this one must not guess at.
        public static let unsupported = Code(rawValue: "unsupported")
        /// A signature is missing, superfluous, out of order or does not verify.
        public static let badSignature = Code(rawValue: "bad_signature")
        /// An id is not the hash of the key that it stands for.
        public static let wrongIdentifier = Code(rawValue: "wrong_identifier")
    }

    public let code: Code
    /// The line, counted from 1; 0 when no line is meant.
    public let line: Int
    /// The key or part that is meant; one of our own words.
    public let part: String

    public init(_ code: Code, line: Int = 0, part: String) {
        self.code = code
        self.line = line
        self.part = part
    }

    /// Whether a later version may have written what is refused, so that an update is what helps.
    public var asksForUpdate: Bool { code == .unknownType || code == .unsupported }

    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    public var description: String {
        line > 0 ? "\(code.rawValue): \(part) at line \(line)" : "\(code.rawValue): \(part)"
    }
}

extension StatementError {
    /// The first lines that this version knows, wherever they belong.
    private static let knownTypes: Set<[UInt8]> = Set(
        [
            "genesis", "member", "invitation", "enrol", "revoke", "admins", "manifest", "receipt", "event", "head",
            "access", "prekey", "alert", "audit-key", "evidence", "binding", "wrap", "entry",
        ].map { Array("nightbell.\($0)/v1".utf8) })

    /// Why a text is not read here. Only what has the form of a text, and a type of the form of
    /// ours that is none that we know, may be a later version's, and asks for an update; anything else is a fault of whoever
    /// sent it.
    init(notRead text: [UInt8]) {
        let line = text.prefix { $0 != Ascii.lineFeed }
        let digits = line.reversed().prefix { (0x30...0x39).contains($0) }.count
        let name = line.dropLast(digits)
        let isType =
            (1...9).contains(digits) && line[name.endIndex] != 0x30 && line.count <= 64 && name.count > 12
            && name.starts(with: "nightbell.".utf8) && name.suffix(2).elementsEqual("/v".utf8)
            && name.dropFirst(10).dropLast(2).allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
        let isLater = isType && !Self.knownTypes.contains(Array(line)) && TextForm.holds(text)
        self.init(isLater ? .unknownType : .malformed, line: 1, part: "type")
    }
}
