public import Secrets

/// One signature line of a note: name, key id, signature bytes.
public struct NoteSignature: Hashable, Sendable {
    /// The key's name: non-empty, no Unicode space, no `+`.
    public let name: String
    /// First 4 bytes of SHA-256(name ‖ LF ‖ type ‖ public key), big-endian.
    public let keyID: UInt32
    /// What follows the key id.
    public let bytes: [UInt8]

    public init(name: String, keyID: UInt32, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// Key id ‖ signature, as it stands in base64.
    public var payload: [UInt8] {
        [
            UInt8(truncatingIfNeeded: keyID >> 24), UInt8(truncatingIfNeeded: keyID >> 16),
            UInt8(truncatingIfNeeded: keyID >> 8), UInt8(truncatingIfNeeded: keyID),
        ] + bytes
    }

    /// - Returns: `nil` for fewer than 5 bytes.
    public init?(name: String, payload: [UInt8]) {
        guard payload.count > 4 else { return nil }
        let id = payload.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        self.init(name: name, keyID: id, bytes: Array(payload[4...]))
    }

    /// The line as a note carries it, with its line feed.
    public var line: [UInt8] {
        SignedNote.dash + Array(name.utf8) + [Ascii.space] + Base64.encodedBytes(payload) + [Ascii.lineFeed]
    }

    /// Signature lines alone, as a witness answers with them: one at least.
    /// - Returns: `nil` unless it is exactly what ``line`` writes, line after line.
    public static func lines(parsing bytes: [UInt8]) -> [NoteSignature]? {
        guard bytes.last == Ascii.lineFeed, bytes.count <= SignedNote.maximumByteCount else { return nil }
        return try? SignedNote.signatures(bytes[...])
    }
}

/// A C2SP signed note (c2sp.org/signed-note v1.0.0): text, an empty line, signature lines.
///
/// Parsing checks form only; ``NoteKey/verifies(_:of:)`` checks signatures.
public struct SignedNote: Hashable, Sendable {
    /// 65,000: what Nightbell admits; an entry of a tile bundle has at most 65,535 bytes.
    public static let maximumByteCount = 65_000
    /// How many signature lines are read at the most: a quorum, or a checkpoint with its cosignatures.
    public static let maximumSignatureCount = 64

    /// Ends with a line feed; what is signed.
    public let text: [UInt8]
    public let signatures: [NoteSignature]

    public init(text: [UInt8], signatures: [NoteSignature]) {
        self.text = text
        self.signatures = signatures
    }

    fileprivate static let dash: [UInt8] = [0xE2, 0x80, 0x94, 0x20]

    /// Parses exactly what ``bytes`` writes.
    /// - Throws: ``StatementError/Code/malformed`` or ``StatementError/Code/tooLarge``.
    public init(parsing note: [UInt8]) throws(StatementError) { try self.init(parsing: note[...]) }

    /// The same of a slice: an entry's body, where it lies.
    public init(parsing note: ArraySlice<UInt8>) throws(StatementError) {
        guard note.count <= Self.maximumByteCount else { throw StatementError(.tooLarge, part: "note") }
        guard note.last == Ascii.lineFeed, let split = Self.lastEmptyLine(note) else {
            throw StatementError(.malformed, part: "note")
        }
        // Of the lines below, whatever reads them checks each part by itself.
        let text = Array(note[...split])
        guard Self.isPlainUTF8(text) else { throw StatementError(.malformed, part: "note") }
        let signatures = try Self.signatures(note[(split + 2)...])
        guard !signatures.isEmpty, text.count > 1 else { throw StatementError(.malformed, part: "note") }
        self.init(text: text, signatures: signatures)
    }

    /// The note as it is sent, logged and exported.
    public var bytes: [UInt8] {
        var result = text
        result.append(Ascii.lineFeed)
        for signature in signatures { result.append(contentsOf: signature.line) }
        return result
    }

    /// SHA-256 of the text: the statement's hash.
    public var hash: Digest { Digest.sha256(text) }

    /// Whether `name` is permitted as a key's name (signed-note, "Format").
    public static func isKeyName(_ name: String) -> Bool {
        // Our own names are ASCII: only others are looked up.
        if name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "+") }) {
            return !name.isEmpty && name.utf8.count <= 512
        }
        return !name.isEmpty && name.utf8.count <= 512
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }

    /// - Parameter lines: Each with its feed.
    fileprivate static func signatures(_ lines: ArraySlice<UInt8>) throws(StatementError) -> [NoteSignature] {
        var signatures: [NoteSignature] = []
        var rest = lines
        while let end = rest.firstIndex(of: Ascii.lineFeed) {
            guard signatures.count < maximumSignatureCount, let signature = signature(rest[..<end]) else {
                throw StatementError(.malformed, part: "signature line")
            }
            signatures.append(signature)
            rest = rest[(end + 1)...]
        }
        return signatures
    }

    private static func signature(_ line: ArraySlice<UInt8>) -> NoteSignature? {
        guard line.starts(with: dash) else { return nil }
        let fields = line.dropFirst(dash.count)
        // A second blank is no character of base64.
        guard let blank = fields.firstIndex(of: Ascii.space),
            let name = String(validating: fields[..<blank], as: UTF8.self), isKeyName(name),
            let payload = Base64.decode(fields[(blank + 1)...])
        else { return nil }
        return NoteSignature(name: name, payload: payload)
    }

    /// The index of the first of the last two adjacent line feeds.
    private static func lastEmptyLine(_ note: ArraySlice<UInt8>) -> Int? {
        var index = note.endIndex - 1
        while index > note.startIndex {
            if note[index] == Ascii.lineFeed && note[index - 1] == Ascii.lineFeed { return index - 1 }
            index -= 1
        }
        return nil
    }

    private static func isPlainUTF8(_ bytes: [UInt8]) -> Bool {
        var all: UInt64 = 0
        let isPlain = unsafe bytes.withUnsafeBytes { bytes in
            func isPlain(_ range: Range<Int>) -> Bool {
                for index in range {
                    let byte = unsafe bytes[index]
                    all |= UInt64(byte)
                    guard byte >= 0x20 || byte == Ascii.lineFeed else { return false }
                }
                return true
            }
            var position = 0
            while position + 8 <= bytes.count {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                all |= word
                // The upper three bits of a byte below 0x20 are zero; a word with such a byte is looked at byte by byte.
                let high = word & 0xE0E0_E0E0_E0E0_E0E0
                if (high &- 0x0101_0101_0101_0101) & ~high & 0x8080_8080_8080_8080 != 0 {
                    guard isPlain(position..<position + 8) else { return false }
                }
                position += 8
            }
            return isPlain(position..<bytes.count)
        }
        return isPlain
            && (all & 0x8080_8080_8080_8080 == 0 || String(validating: bytes, as: UTF8.self) != nil)
    }
}
