public import Secrets
public import Statements

/// A log's signed state (c2sp.org/tlog-checkpoint v1.0.0): origin, size, root. Extension lines are refused.
public struct Checkpoint: Hashable, Sendable {
    public let origin: String
    public let size: UInt64
    public let root: Digest

    public init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Parses a note's text.
    /// - Throws: ``LogError/Code/malformed``.
    public init(parsing text: [UInt8]) throws(LogError) {
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 4, omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty, !lines[0].isEmpty,
            let origin = String(validating: lines[0], as: UTF8.self),
            let size = try? TextReader.integer(lines[1], or: StatementError(.malformed, part: "size")),
            let rootBytes = Base64.decode(lines[2]), let root = Digest(rootBytes)
        else { throw LogError(.malformed, part: "checkpoint") }
        self.init(origin: origin, size: size, root: root)
    }

    /// The note's text.
    public var text: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(origin.utf8.count + 72)
        text.append(contentsOf: origin.utf8)
        text.append(UInt8(ascii: "\n"))
        text.append(contentsOf: size.description.utf8)
        text.append(UInt8(ascii: "\n"))
        Base64.append(root.bytes, to: &text)
        text.append(UInt8(ascii: "\n"))
        return text
    }

    /// A form short enough to read aloud (``ShortForm``).
    public var shortForm: String { ShortForm(size: size, root: root).description }
}

/// What people read to each other of a tree: its size and the first 128 bits of its root, in eight groups of four hex digits.
///
/// Whoever signs a log makes both trees of a pair, and chooses salts in them freely: two of one form cost it the square root of
/// all forms. Of 64 bits that is an afternoon's work, of 128 nobody's.
public struct ShortForm: Hashable, Sendable, CustomStringConvertible {
    /// 8.
    public static let groupCount = 8
    /// 16: of the root.
    public static let byteCount = 2 * groupCount

    public let size: UInt64
    public let beginning: [UInt8]

    public init(size: UInt64, root: Digest) {
        self.size = size
        beginning = Array(root.bytes.prefix(Self.byteCount))
    }

    /// - Returns: `nil` unless the groups are eight of four hex digits.
    public init?(size: UInt64, groups: some Collection<String>) {
        guard groups.count == Self.groupCount, groups.allSatisfy({ $0.utf8.count == 4 }),
            let bytes = Hex.decode(Array(groups.joined().utf8))
        else { return nil }
        self.size = size
        beginning = bytes
    }

    public var description: String {
        let groups = stride(from: 0, to: Self.byteCount, by: 2).map { Hex.encode(beginning[$0..<$0 + 2]) }
        return "\(size) \(groups.joined(separator: " "))"
    }
}

/// A checkpoint whose log signature was verified. Only ``LogKey`` makes one.
public struct SignedCheckpoint: Hashable, Sendable {
    public let checkpoint: Checkpoint
    /// The whole note as it came, cosignatures included.
    public let note: SignedNote
    /// The log's own signature line.
    public let signature: NoteSignature

    fileprivate init(checkpoint: Checkpoint, note: SignedNote, signature: NoteSignature) {
        self.checkpoint = checkpoint
        self.note = note
        self.signature = signature
    }

    public var size: UInt64 { checkpoint.size }
    public var root: Digest { checkpoint.root }

    /// What a statement says that its signer had seen.
    public var seen: Seen { Seen(size: size, root: root, signature: SeenSignature(bytes: signature.payload)) }

    /// As ``Checkpoint/shortForm``.
    public var shortForm: String { checkpoint.shortForm }

    /// The same with the log's signature and, behind it, these cosignatures; those of another text are left out.
    public func carrying(_ cosignatures: [Cosignature]) -> SignedCheckpoint {
        let own = cosignatures.filter { $0.key.cosignature($0.signature, of: note.text) != nil }
        return SignedCheckpoint(
            checkpoint: checkpoint, note: SignedNote(text: note.text, signatures: [signature] + own.map(\.signature)),
            signature: signature)
    }
}

/// The key under which a log signs; verifies what claims to be the log's word.
public struct LogKey: Hashable, Sendable {
    public let key: NoteKey

    public var origin: String { key.name }

    public init(origin: String, key: VerifyingKey) { self.key = NoteKey(name: origin, key: key) }

    /// Verifies a checkpoint note. Lines of unknown keys (cosignatures) are carried along.
    /// - Throws: ``LogError/Code/malformed``, ``LogError/Code/wrongOrigin``, ``LogError/Code/badSignature``.
    public func verify(checkpoint bytes: [UInt8]) throws(LogError) -> SignedCheckpoint {
        let note: SignedNote
        do { note = try SignedNote(parsing: bytes) } catch { throw LogError(.malformed, part: "checkpoint") }
        let checkpoint = try Checkpoint(parsing: note.text)
        guard checkpoint.origin.utf8.elementsEqual(origin.utf8), checkpoint.text == note.text else {
            throw LogError(.wrongOrigin, part: "checkpoint")
        }
        let own = note.signatures.filter(key.isKey(of:))
        guard own.count == 1, key.verifies(own[0], of: note.text) else {
            throw LogError(.badSignature, part: "checkpoint")
        }
        return SignedCheckpoint(checkpoint: checkpoint, note: note, signature: own[0])
    }

    /// Whether what a signer says it had seen carries this log's signature: then the relay did sign that tree.
    public func verifies(_ seen: Seen) -> Bool {
        let text = Checkpoint(origin: origin, size: seen.size, root: seen.root).text
        guard let signature = NoteSignature(name: origin, payload: seen.signature.bytes) else { return false }
        return key.verifies(signature, of: text)
    }

    /// Verifies a `nightbell.head/v1` note (the activity log's key signs heads).
    /// - Throws: ``LogError/Code/malformed`` or ``LogError/Code/badSignature``.
    public func verify(head bytes: [UInt8]) throws(LogError) -> Head {
        guard let note = try? SignedNote(parsing: bytes), let head = try? Head(parsing: note.text) else {
            throw LogError(.malformed, part: "head")
        }
        guard note.signatures.count == 1, key.verifies(note.signatures[0], of: note.text) else {
            throw LogError(.badSignature, part: "head")
        }
        return head
    }
}

/// Signs a log's checkpoints and heads.
public struct LogSigner: ~Copyable, Sendable {
    private let key: SigningKey
    public let origin: String

    public init(origin: String, key: consuming SigningKey) {
        self.origin = origin
        self.key = key
    }

    public var logKey: LogKey { LogKey(origin: origin, key: key.verifyingKey) }

    /// Signs a tree. The caller's duty: never two different trees of one size, never before the entries are readable.
    public borrowing func sign(size: UInt64, root: Digest) -> SignedCheckpoint {
        let checkpoint = Checkpoint(origin: origin, size: size, root: root)
        let note = SignedNote(text: checkpoint.text, signedBy: key, as: origin)
        return SignedCheckpoint(checkpoint: checkpoint, note: note, signature: note.signatures[0])
    }

    public borrowing func sign(_ head: Head) -> SignedNote { SignedNote(text: head.text, signedBy: key, as: origin) }
}
