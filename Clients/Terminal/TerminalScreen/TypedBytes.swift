/// The keys of characters that arrive as bytes of UTF-8, in whatever pieces.
///
/// What is none is a replacement mark: whoever pastes text of another encoding sees that something is amiss, and loses nothing
/// of what stands behind it.
struct TypedBytes {
    private static let replacement = Key.character("\u{FFFD}")

    /// The bytes of a character that has begun.
    private var beginning: [UInt8] = []

    /// Whether a character has begun.
    var isWithinCharacter: Bool { !beginning.isEmpty }

    /// - Returns: The keys that are certain now.
    mutating func heard(_ byte: UInt8) -> [Key] {
        let isContinued = byte & 0xC0 == 0x80
        let amiss = isWithinCharacter && !isContinued ? cutOff() : []
        guard isWithinCharacter || Self.length(first: byte) > 1 else { return amiss + [Self.key(of: byte)] }
        beginning.append(byte)
        guard beginning.count == Self.length(first: beginning[0]) else { return amiss }
        defer { beginning = [] }
        return [
            String(validating: beginning, as: UTF8.self)?.unicodeScalars.first.map(Key.character) ?? Self.replacement
        ]
    }

    /// No more will come.
    mutating func cutOff() -> [Key] {
        defer { beginning = [] }
        return isWithinCharacter ? [Self.replacement] : []
    }

    /// How many bytes a character has that begins so; 1 for what begins none of several.
    private static func length(first byte: UInt8) -> Int {
        switch byte {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private static func key(of byte: UInt8) -> Key {
        switch byte {
        case 10, 13: .enter
        case 27: .escape
        case 8, 127: .backspace
        case 9: .tab
        case 0..<0x80: .character(Unicode.Scalar(byte))
        default: replacement
        }
    }
}
