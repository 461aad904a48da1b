public import Secrets
public import Statements
public import TransparencyLog

/// That somebody was shown a tree of a log: a signed checkpoint, half of a signed head, or the short form that was read aloud.
public struct TreeClaim: Hashable, Sendable {
    /// How much of the root is known.
    public enum Root: Hashable, Sendable {
        case whole(Digest)
        /// The first 8 bytes.
        case beginning([UInt8])
    }

    public let log: LogKind
    public let size: UInt64
    public let root: Root
    /// The note that says so, as it came; `nil` for what nobody signed.
    public let note: [UInt8]?
    /// Whether the log's key signed the note. Without that, a claim convicts nobody.
    public let isSigned: Bool

    public init(log: LogKind, size: UInt64, root: Root, note: [UInt8]?, isSigned: Bool) {
        self.log = log
        self.size = size
        self.root = root
        self.note = note
        self.isSigned = isSigned
    }

    /// Whether the tree may have this root: sure for a whole one, to 64 bits for a beginning.
    public func admits(_ other: Digest) -> Bool {
        switch root {
        case .whole(let root): root == other
        case .beginning(let bytes): other.bytes.starts(with: bytes)
        }
    }

    /// Whether two claims of one size can both be true.
    func agrees(with other: TreeClaim) -> Bool {
        switch (root, other.root) {
        case (.whole(let root), _): other.admits(root)
        case (_, .whole(let root)): admits(root)
        case (.beginning(let bytes), .beginning(let others)): bytes == others
        }
    }

    /// As ``Checkpoint/shortForm``.
    public var shortForm: String {
        let bytes =
            switch root {
            case .whole(let root): Array(root.bytes.prefix(8))
            case .beginning(let bytes): bytes
            }
        let groups = stride(from: 0, to: 8, by: 2).map { Hex.encode(bytes[$0..<$0 + 2]) }
        return "\(size) \(groups.joined(separator: " "))"
    }
}

/// What somebody was shown, from a file: checkpoints, kept heads (``KeptHeads``), or lines with short forms.
public struct TreeClaims: Sendable {
    /// 16 MiB.
    public static let maximumByteCount = KeptHeads.maximumByteCount
    /// 64 KiB: of what somebody typed. Each size in it is asked of the history that can be seen.
    static let maximumTypedByteCount = 65_536

    public let claims: [TreeClaim]
    /// Notes that are about no tree of these logs, or under whose name somebody else signed.
    public let foreign: Int

    /// - Parameters:
    ///   - file: Its bytes.
    ///   - keys: Of both logs.
    /// - Returns: `nil` when the file says nothing of any tree.
    public init?(parsing file: [UInt8], keys: [LogKind: LogKey]) {
        guard file.count <= Self.maximumByteCount else { return nil }
        let notes: [[UInt8]]
        if (try? SignedNote(parsing: file)) != nil {
            notes = [file]
        } else {
            notes = KeptHeads(parsing: file)?.notes ?? []
        }
        var claims: [TreeClaim] = []
        var foreign = 0
        for note in notes {
            let found = Self.claims(of: note, keys)
            claims += found
            if found.isEmpty { foreign += 1 }
        }
        if notes.isEmpty, file.count <= Self.maximumTypedByteCount { claims = Self.shortForms(file) }
        guard !claims.isEmpty || foreign > 0 else { return nil }
        var known: Set<TreeClaim> = []
        // Who says a thing twice has said it once.
        self.claims = claims.filter { known.insert($0).inserted }
        self.foreign = foreign
    }

    private static func claims(of note: [UInt8], _ keys: [LogKind: LogKey]) -> [TreeClaim] {
        for (log, key) in keys {
            if let signed = try? key.verify(checkpoint: note) {
                return [TreeClaim(log: log, size: signed.size, root: .whole(signed.root), note: note, isSigned: true)]
            }
        }
        // The activity log's key signs heads.
        guard let head = try? keys[.activity]?.verify(head: note) else { return [] }
        return [(LogKind.roster, head.roster), (.activity, head.activity)].map { log, tree in
            TreeClaim(log: log, size: tree.size, root: .whole(tree.root), note: note, isSigned: true)
        }
    }

    /// `roster 12 0123 4567 89ab cdef`, with anything in front, as `nightbell status` prints it and people copy it.
    private static func shortForms(_ file: [UInt8]) -> [TreeClaim] {
        guard let text = String(validating: file, as: UTF8.self) else { return [] }
        return text.split(whereSeparator: \.isNewline).flatMap { line -> [TreeClaim] in
            let words = line.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            return words.indices.compactMap { place in
                guard let log = LogKind(rawValue: words[place]), words.count > place + 5,
                    let size = try? TextReader.integer(
                        Array(words[place + 1].utf8)[...], or: StatementError(.malformed, part: "size")),
                    case let groups = words[place + 2...place + 5], groups.allSatisfy({ $0.utf8.count == 4 }),
                    let bytes = Hex.decode(Array(groups.joined().utf8))
                else { return nil }
                return TreeClaim(log: log, size: size, root: .beginning(bytes), note: nil, isSigned: false)
            }
        }
    }
}
