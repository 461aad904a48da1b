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

    private static let dash: [UInt8] = [0xE2, 0x80, 0x94, 0x20]

    /// Parses exactly what ``bytes`` writes.
    /// - Throws: ``StatementError/Code/malformed`` or ``StatementError/Code/tooLarge``.
    public init(parsing note: [UInt8]) throws(StatementError) {
        guard note.count <= Self.maximumByteCount else { throw StatementError(.tooLarge, part: "note") }
        guard note.last == Ascii.lineFeed, let split = Self.lastEmptyLine(note) else {
            throw StatementError(.malformed, part: "note")
        }
        guard Self.isPlainUTF8(note) else { throw StatementError(.malformed, part: "note") }
        let text = Array(note[...split])
        var signatures: [NoteSignature] = []
        for line in note[(split + 2)...].dropLast().split(separator: Ascii.lineFeed, omittingEmptySubsequences: false) {
            guard signatures.count < Self.maximumSignatureCount, let signature = Self.signature(line) else {
                throw StatementError(.malformed, part: "signature line")
            }
            signatures.append(signature)
        }
        guard !signatures.isEmpty, text.count > 1 else { throw StatementError(.malformed, part: "note") }
        self.init(text: text, signatures: signatures)
    }

    /// The note as it is sent, logged and exported.
    public var bytes: [UInt8] {
        var result = text
        result.append(Ascii.lineFeed)
        for signature in signatures {
            result.append(contentsOf: Self.dash)
            result.append(contentsOf: signature.name.utf8)
            result.append(Ascii.space)
            result.append(contentsOf: Base64.encodedBytes(signature.payload))
            result.append(Ascii.lineFeed)
        }
        return result
    }

    /// SHA-256 of the text: the statement's hash.
    public var hash: Digest { Digest.sha256(text) }

    /// Whether `name` is permitted as a key's name (signed-note, "Format").
    public static func isKeyName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 512
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }

    private static func signature(_ line: ArraySlice<UInt8>) -> NoteSignature? {
        guard line.starts(with: dash) else { return nil }
        let fields = line.dropFirst(dash.count).split(separator: Ascii.space, omittingEmptySubsequences: false)
        guard fields.count == 2, let name = String(validating: fields[0], as: UTF8.self), isKeyName(name),
            let payload = Base64.decode(fields[1])
        else { return nil }
        return NoteSignature(name: name, payload: payload)
    }

    /// The index of the first of the last two adjacent line feeds.
    private static func lastEmptyLine(_ note: [UInt8]) -> Int? {
        var index = note.count - 1
        while index > 0 {
            if note[index] == Ascii.lineFeed && note[index - 1] == Ascii.lineFeed { return index - 1 }
            index -= 1
        }
        return nil
    }

    private static func isPlainUTF8(_ bytes: [UInt8]) -> Bool {
        var isAscii = true
        for byte in bytes {
            guard byte >= 0x20 || byte == Ascii.lineFeed else { return false }
            if byte >= 0x80 { isAscii = false }
        }
        return isAscii || String(validating: bytes, as: UTF8.self) != nil
    }
}
