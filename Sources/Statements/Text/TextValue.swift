/// A text that people wrote and others read: 1–256 bytes of NFC UTF-8 without Cc, Cf, Zl, Zp, no blank at either end; of
/// scalars that Unicode 14.0 assigns.
public struct TextValue: Hashable, Sendable, CustomStringConvertible {
    /// 256.
    public static let maximumByteCount = 256
    /// 14.0. What is NFC is settled for assigned scalars alone: readers whose tables are of other versions must agree on every text.
    /// It is the newest that the independent readers' oldest Python knows.
    private static let unicode = (major: 14, minor: 0)

    public let bytes: [UInt8]

    /// - Returns: `nil` unless `bytes` are exactly of this form. Nothing is repaired.
    public init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard (1...Self.maximumByteCount).contains(bytes.count) else { return nil }
        if bytes.allSatisfy({ (0x21...0x7E).contains($0) || $0 == 0x20 }) {
            guard bytes.first != 0x20, bytes.last != 0x20 else { return nil }
        } else {
            guard let text = String(validating: bytes, as: UTF8.self), Self.isPermitted(text),
                ComposedText.of(text).utf8.elementsEqual(bytes)
            else { return nil }
        }
        self.bytes = bytes
    }

    /// What a person typed, brought to NFC and trimmed of blanks; `nil` when it still does not qualify.
    public init?(typed text: String) {
        let trimmed = ComposedText.of(text).unicodeScalars
            .drop { $0.properties.isWhitespace }.reversed().drop { $0.properties.isWhitespace }.reversed()
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: trimmed)
        self.init(Array(String(scalars).utf8))
    }

    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether a scalar may stand in a text value, inside of it.
    public static func permits(_ scalar: Unicode.Scalar) -> Bool {
        // What is no character for ever has an age, and is as little assigned as what has none yet.
        guard TextForm.permits(scalar), scalar.properties.generalCategory != .unassigned,
            let age = scalar.properties.age
        else { return false }
        return (age.major, age.minor) <= (unicode.major, unicode.minor)
    }

    private static func isPermitted(_ text: String) -> Bool {
        guard text.unicodeScalars.allSatisfy(permits) else { return false }
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
    }
}
