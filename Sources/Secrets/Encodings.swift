// The public functions take any collection, for callers hold arrays, slices and `utf8` views; each goes at once to one
// concrete implementation over contiguous memory, because a generic loop is not specialised across modules.

/// Lower-case hexadecimal.
public enum Hex {
    /// Two lower-case digits a byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        unsafe Array(bytes).withUnsafeBytes { unsafe append($0, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        // In one piece: a log's texts are written again when they are read, and most of a text is hex.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * bytes.count) { piece in
            for index in 0..<bytes.count {
                let byte = unsafe bytes[index]
                unsafe piece[2 * index] = digit(byte >> 4)
                unsafe piece[2 * index + 1] = digit(byte & 15)
            }
            unsafe text.append(contentsOf: UnsafeBufferPointer(piece))
        }
    }

    /// - Parameter value: Below 16.
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &- 10 &+ value
    }

    /// - Returns: `nil` for an odd length or anything but `0-9a-f`.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        unsafe text.withContiguousBytes { unsafe decode(contiguous: $0) }
    }

    private static func decode(contiguous text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var index = 0
        while index < text.count {
            guard let high = unsafe value(of: text[index]), let low = unsafe value(of: text[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
            index += 2
        }
        return bytes
    }

    /// The number that 16 digits stand for.
    static func word(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt64? {
        var word: UInt64 = 0
        var foreign: UInt8 = 0
        // Without a way out of the loop: almost every digit is one.
        for index in start..<start + 16 {
            let digit = unsafe text[index] &- UInt8(ascii: "0")
            let letter = unsafe text[index] &- UInt8(ascii: "a")
            foreign |= digit < 10 || letter < 6 ? 0 : 1
            word = word << 4 | UInt64(digit < 10 ? digit : letter &+ 10 & 15)
        }
        return foreign == 0 ? word : nil
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

/// Standard base64 with padding (RFC 4648 section 4). Only the one canonical form decodes.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    public static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encodedBytes(bytes), as: UTF8.self)
    }

    /// The same as ``encode(_:)``, as the ASCII bytes.
    public static func encodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        append(bytes, to: &text)
        return text
    }

    /// Appends what ``encodedBytes(_:)`` gives, without an array in between.
    public static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0, to: &text) }
    }

    /// The same of bytes that are in no array.
    public static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: (bytes.count + 2) / 3 * 4) { piece in
            unsafe encode(bytes, into: piece)
            unsafe text.append(contentsOf: UnsafeBufferPointer(piece))
        }
    }

    /// - Parameter output: Four characters for every three bytes, or fewer at the end.
    private static func encode(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableBufferPointer<UInt8>) {
        let alphabet = alphabet
        var position = 0
        var index = 0
        while index + 2 < bytes.count {
            let group = unsafe UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
            unsafe output[position] = alphabet[Int(group >> 18)]
            unsafe output[position + 1] = alphabet[Int(group >> 12 & 63)]
            unsafe output[position + 2] = alphabet[Int(group >> 6 & 63)]
            unsafe output[position + 3] = alphabet[Int(group & 63)]
            position += 4
            index += 3
        }
        let left = bytes.count - index
        guard left > 0 else { return }
        let group = unsafe UInt32(bytes[index]) << 16 | (left == 2 ? UInt32(bytes[index + 1]) << 8 : 0)
        unsafe output[position] = alphabet[Int(group >> 18)]
        unsafe output[position + 1] = alphabet[Int(group >> 12 & 63)]
        unsafe output[position + 2] = left == 2 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
        unsafe output[position + 3] = UInt8(ascii: "=")
    }

    /// - Returns: `nil` for a wrong length, a foreign character, missing padding or non-zero unused bits
    ///   (Foundation's decoder lets the last pass, and two texts would then be one signature).
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        unsafe text.withContiguousBytes { unsafe decode(contiguous: $0) }
    }

    /// The same of a slice, of which a text has several.
    public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        unsafe text.withUnsafeBufferPointer { unsafe decode(contiguous: $0) }
    }

    private static func decode(contiguous text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let count = text.count
        guard count.isMultiple(of: 4) else { return nil }
        guard count > 0 else { return [] }
        let values = values
        var padding = 0
        if unsafe text[count - 1] == UInt8(ascii: "=") { padding = unsafe text[count - 2] == UInt8(ascii: "=") ? 2 : 1 }
        var isCanonical = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count / 4 * 3) { output, initialized in
            var group: UInt32 = 0
            var foreign: UInt8 = 0
            for position in 0..<(count - padding) {
                let value = unsafe values[Int(text[position])]
                // 255 alone has the highest bit.
                foreign |= value
                group = group << 6 | UInt32(value & 63)
                guard position & 3 == 3 else { continue }
                unsafe output[initialized] = UInt8(truncatingIfNeeded: group >> 16)
                unsafe output[initialized + 1] = UInt8(truncatingIfNeeded: group >> 8)
                unsafe output[initialized + 2] = UInt8(truncatingIfNeeded: group)
                initialized += 3
                group = 0
            }
            switch padding {
            case 1:
                isCanonical = group & 3 == 0
                unsafe output[initialized] = UInt8(truncatingIfNeeded: group >> 10)
                unsafe output[initialized + 1] = UInt8(truncatingIfNeeded: group >> 2)
                initialized += 2
            case 2:
                isCanonical = group & 15 == 0
                unsafe output[initialized] = UInt8(truncatingIfNeeded: group >> 4)
                initialized += 1
            default: break
            }
            isCanonical = isCanonical && foreign < 128
        }
        guard isCanonical else { return nil }
        return bytes
    }
}

/// Base64 of the URL alphabet without padding (RFC 4648 section 5), as push services and JSON web tokens write it. Only the one
/// canonical form decodes.
public enum Base64URL {
    public static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encodedBytes(bytes).compactMap { character -> UInt8? in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: character
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: `nil` for a foreign character, padding, a length that no number of bytes has, or non-zero unused bits.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var standard: [UInt8] = []
        standard.reserveCapacity(text.count + 3)
        for character in text {
            switch character {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.append(character)
            }
        }
        guard standard.count % 4 != 1 else { return nil }
        while !standard.count.isMultiple(of: 4) { standard.append(UInt8(ascii: "=")) }
        return Base64.decode(standard)
    }
}

/// Lower-case base32 without padding (RFC 4648 section 6). Only the one canonical form decodes.
public enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: encodedBytes(Array(bytes)), as: UTF8.self)
    }

    /// The same as ``encode(_:)``, as the ASCII bytes.
    public static func encodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = alphabet
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 8 + 4) / 5)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> bits & 31)])
            }
            buffer &= (1 << bits) - 1
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (5 - bits) & 31)]) }
        return text
    }

    /// - Returns: `nil` for a foreign character, a length that no number of bytes has, or non-zero unused bits.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        unsafe text.withContiguousBytes { unsafe decode(contiguous: $0) }
    }

    private static func decode(contiguous text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 5 / 8)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for index in 0..<text.count {
            let character = unsafe text[index]
            let value: UInt32
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(character - UInt8(ascii: "a"))
            case UInt8(ascii: "2")...UInt8(ascii: "7"): value = UInt32(character - UInt8(ascii: "2")) + 26
            default: return nil
            }
            buffer = buffer << 5 | value
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
            buffer &= (1 << bits) - 1
        }
        guard bits < 5, buffer == 0 else { return nil }
        return bytes
    }
}

extension Collection<UInt8> {
    /// Lends the bytes as contiguous memory, copying only what is not.
    fileprivate func withContiguousBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = withContiguousStorageIfAvailable({ unsafe body($0) }) { return result }
        return unsafe Array(self).withUnsafeBufferPointer { unsafe body($0) }
    }
}
