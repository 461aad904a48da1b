import Secrets

/// A one-time code with which its holder may found one organisation: 16 random bytes.
///
/// Prints as `<redacted>`; ``exposed()`` gives what people read: `aaaa-bbbb-…`, seven groups of four base32 characters, the
/// last two of which check the others.
public struct FoundingCode: Sendable, CustomStringConvertible, CustomReflectable {
    private static let byteCount = 16
    private static let characterCount = 26
    private static let checkCount = 2

    let bytes: [UInt8]

    /// A fresh code.
    init() { bytes = randomBytes(Self.byteCount) }

    /// Parses what a person was given: in any case, with or without hyphens and blanks.
    /// - Returns: `nil` for a mistyped code.
    public init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        let characters = text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard characters.count == Self.characterCount + Self.checkCount else { return nil }
        let body = Array(characters.prefix(Self.characterCount))
        guard let bytes = Base32.decode(body), bytes.count == Self.byteCount,
            Self.check(body).utf8.elementsEqual(characters.suffix(Self.checkCount))
        else { return nil }
        self.bytes = bytes
    }

    /// The code as people read it. A secret until it is used: show it once, to the operator.
    public func exposed() -> String {
        let body = Base32.encode(bytes)
        let characters = Array((body + Self.check(Array(body.utf8))).utf8)
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(decoding: characters[$0..<$0 + 4], as: UTF8.self) }
            .joined(separator: "-")
    }

    public var description: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func check(_ body: [UInt8]) -> String {
        String(Base32.encode(Digest.sha256(body).bytes).prefix(checkCount))
    }
}
