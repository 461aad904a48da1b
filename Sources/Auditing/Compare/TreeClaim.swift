public import Secrets
public import Statements
public import TransparencyLog

/// That somebody was shown a tree of a log: a signed checkpoint, half of a signed head, or the short form that was read aloud.
public struct TreeClaim: Hashable, Sendable {
    /// How much of the root is known.
    public enum Root: Hashable, Sendable {
        case whole(Digest)
        /// As much as is read aloud.
        case beginning(ShortForm)
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

    /// Whether the tree may have this root: sure for a whole one, to 128 bits for a beginning.
    public func admits(_ other: Digest) -> Bool {
        switch root {
        case .whole(let root): root == other
        case .beginning(let form): ShortForm(size: size, root: other) == form
        }
    }

    /// Whether two claims of one size can both be true.
    func agrees(with other: TreeClaim) -> Bool {
        switch (root, other.root) {
        case (.whole(let root), _): other.admits(root)
        case (_, .whole(let root)): admits(root)
        case (.beginning(let form), .beginning(let others)): form == others
        }
    }

    /// As ``Checkpoint/shortForm``.
    public var shortForm: String {
        switch root {
        case .whole(let root): ShortForm(size: size, root: root).description
        case .beginning(let form): form.description
        }
    }
}

/// What somebody was shown, from a file: checkpoints, heads, and lines with short forms, in whatever order and among whatever words
/// (``FoundNotes``, ``CopiedNotes``): a mail says more than what was copied into it.
public struct TreeClaims: Sendable {
    /// 16 MiB.
    public static let maximumByteCount = KeptHeads.maximumByteCount
    /// 64 KiB: of what somebody typed. Each size in it is asked of the history that can be seen.
    static let maximumTypedByteCount = 65_536

    public let claims: [TreeClaim]
    /// Notes that are about no tree of these logs, or under whose name somebody else signed.
    public let foreign: Int
    /// Short forms with fewer digits than tell two histories apart: they are no claims.
    public let tooShort: Int
    /// Whole short forms before which no log is named: both logs have trees of every size, and they are no claims.
    public let unnamed: Int
    /// The lines, from 1 on, at which a note of these logs seems to stand that cannot be read: it could be what convicts.
    public let unread: [Int]

    /// - Parameters:
    ///   - file: Its bytes.
    ///   - keys: Of both logs.
    /// - Returns: `nil` when the file says nothing of any tree, or holds too many other words to look at all of it.
    public init?(parsing file: [UInt8], keys: [LogKind: LogKey]) {
        // Whatever would not be looked at could be what convicts.
        guard file.count <= Self.maximumByteCount else { return nil }
        // No text has such a byte; every other one is, where each character has two.
        let file = file.contains(0) ? file.filter { $0 != 0 } : file
        guard let found = FoundNotes(in: file, restLimit: Self.maximumTypedByteCount) else { return nil }
        var (claims, tooShort, unnamed) = Self.shortForms(found.rest)
        var strange: [Range<Int>] = []
        for note in found.notes {
            let told = note.readings.lazy.map { Self.claims(of: $0, keys) }.first { !$0.isEmpty } ?? []
            claims += told
            if told.isEmpty { strange.append(note.range) }
        }
        let copied = CopiedNotes(in: file, keys: keys, known: claims)
        claims += copied.claims
        var read = copied.read[...]
        let foreign = strange.count { range in
            read = read.drop(while: { $0.upperBound <= range.lowerBound })
            return read.first.map { !$0.overlaps(range) } ?? true
        }
        guard !claims.isEmpty || foreign > 0 || tooShort > 0 || unnamed > 0 || !copied.unread.isEmpty else {
            return nil
        }
        var known: Set<TreeClaim> = []
        // Who says a thing twice has said it once.
        self.claims = claims.filter { known.insert($0).inserted }
        self.foreign = foreign
        self.tooShort = tooShort
        self.unnamed = unnamed
        unread = copied.unread
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

    /// `roster 12` and eight groups of four digits, with anything in front, as `nightbell status` prints it and people copy it.
    private static func shortForms(_ file: [UInt8]) -> (claims: [TreeClaim], tooShort: Int, unnamed: Int) {
        var claims: [TreeClaim] = []
        var (tooShort, unnamed) = (0, 0)
        for line in String(decoding: file, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
            for place in words.indices {
                guard let log = LogKind(rawValue: words[place]), words.count > place + 2,
                    let size = Self.size(words[place + 1])
                else { continue }
                let groups = Self.groups(words[(place + 2)...])
                if let form = ShortForm(size: size, groups: groups) {
                    claims.append(
                        TreeClaim(log: log, size: size, root: .beginning(form), note: nil, isSigned: false))
                } else if !groups.isEmpty {
                    tooShort += 1
                }
            }
            unnamed += Self.unnamed(words)
        }
        return (claims, tooShort, unnamed)
    }

    /// Those at the beginning; all of them, too, where they are written as one word.
    private static func groups(_ words: ArraySlice<String>) -> [String] {
        if let word = words.first, word.utf8.count == 2 * ShortForm.byteCount, let bytes = Hex.decode(word.utf8) {
            return stride(from: 0, to: bytes.count, by: 2).map { Hex.encode(bytes[$0..<$0 + 2]) }
        }
        return Array(words.prefix(ShortForm.groupCount).prefix(while: isGroup))
    }

    /// How many sizes with all their groups stand in a line without a log's name directly before them.
    private static func unnamed(_ words: [String]) -> Int {
        var (count, place) = (0, 0)
        while place + ShortForm.groupCount < words.count {
            let groups = words[(place + 1)...].prefix(ShortForm.groupCount)
            guard size(words[place]) != nil, groups.allSatisfy(isGroup) else {
                place += 1
                continue
            }
            if place == 0 || LogKind(rawValue: words[place - 1]) == nil { count += 1 }
            place += 1 + ShortForm.groupCount
        }
        return count
    }

    private static func size(_ word: String) -> UInt64? {
        try? TextReader.integer(Array(word.utf8)[...], or: StatementError(.malformed, part: "size"))
    }

    private static func isGroup(_ word: String) -> Bool { word.utf8.count == 4 && Hex.decode(word.utf8) != nil }
}
