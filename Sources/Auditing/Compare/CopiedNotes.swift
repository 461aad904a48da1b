import Secrets
import Statements
import TransparencyLog

/// What is left of notes that were copied as text: quoted in a mail, indented, wrapped, with other line ends, dashes or blanks.
///
/// What was signed is put together anew from the words of a line, and whatever comes of it is believed for its signature alone.
struct CopiedNotes {
    /// What somebody was shown, and no note of the file as it is says.
    private(set) var claims: [TreeClaim] = []
    /// Where in the file a text stands that the log signed, with its signature; ascending.
    private(set) var read: [Range<Int>] = []
    /// The lines, from 1 on, at which a note of these logs seems to stand that cannot be read, ascending.
    private(set) var unread: [Int] = []

    private struct Tree: Hashable {
        let log: LogKind
        let size: UInt64
        let root: Digest
    }

    /// A line without what a copy puts around it.
    private struct Line {
        /// From 1 on.
        let number: Int
        let bytes: ArraySlice<UInt8>

        /// What stands between blanks, of whatever kind.
        var words: [ArraySlice<UInt8>] {
            bytes.split { $0 == 0x20 || $0 == 0x09 || $0 == 0xC2 || $0 == 0xA0 }
        }
    }

    /// The lines that have anything in them, one after the other: each ends with CR, LF, or both.
    private struct Lines: IteratorProtocol {
        let bytes: [UInt8]
        var position = 0
        var number = 0

        mutating func next() -> Line? {
            while position < bytes.count {
                let start = position
                while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
                let line = bytes[start..<position]
                let isPair = position + 1 < bytes.count && bytes[position] == 0x0D && bytes[position + 1] == 0x0A
                position += isPair ? 2 : 1
                number += 1
                guard !line.isEmpty else { continue }
                let stripped = CopiedNotes.stripped(line)
                if !stripped.isEmpty { return Line(number: number, bytes: stripped) }
            }
            return nil
        }
    }

    /// A text that may be what a log signed.
    private struct Text {
        let line: Line
        let log: LogKind
        let candidates: [[UInt8]]
        /// Whether it is about these logs for sure, signed or not.
        let isOfThese: Bool
        /// Where the last line of it ends that was read.
        var end: Int
        var isRead = false
        /// Whether nothing but signature lines came behind it.
        var isAlone = true
        /// Signature lines of the log's key that are not of this text.
        var wrong: [Int] = []
    }

    private let keys: [LogKind: LogKey]
    private var known: Set<Tree>
    private var text: Text?

    /// - Parameter known: What the notes say that are in the file as they were signed.
    init(in file: [UInt8], keys: [LogKind: LogKey], known: [TreeClaim]) {
        self.keys = keys
        self.known = Set(known.filter(\.isSigned).compactMap(Self.tree))
        var lines = Lines(bytes: file)
        while let line = lines.next() {
            if let next = Self.text(line, lines, keys) {
                finish()
                text = next
                readKnown()
            } else if let found = Self.signature(line, lines, keys) {
                take(found.log, found.signature, at: line)
            } else if !Self.beginsWithDash(line.bytes) {
                text?.isAlone = false
            }
        }
        finish()
    }

    private static func tree(_ claim: TreeClaim) -> Tree? {
        guard case .whole(let root) = claim.root else { return nil }
        return Tree(log: claim.log, size: claim.size, root: root)
    }

    /// A text whose trees the log is known to have signed needs no signature here.
    private mutating func readKnown() {
        guard let text else { return }
        for candidate in text.candidates {
            let trees = Self.trees(text.log, candidate)
            if !trees.isEmpty, trees.allSatisfy(known.contains) { self.text?.isRead = true }
        }
    }

    private static func trees(_ log: LogKind, _ text: [UInt8]) -> [Tree] {
        if let head = try? Head(parsing: text) {
            return [
                Tree(log: .roster, size: head.roster.size, root: head.roster.root),
                Tree(log: .activity, size: head.activity.size, root: head.activity.root),
            ]
        }
        guard let checkpoint = try? Checkpoint(parsing: text) else { return [] }
        return [Tree(log: log, size: checkpoint.size, root: checkpoint.root)]
    }

    private mutating func take(_ log: LogKind, _ signature: NoteSignature?, at line: Line) {
        guard let text else {
            unread.append(line.number)
            return
        }
        if let signature, log == text.log, let key = keys[log]?.key, key.isKey(of: signature),
            let signed = text.candidates.first(where: { key.verifies(signature, of: $0) })
        {
            let note = SignedNote(text: signed, signatures: [signature]).bytes
            for tree in Self.trees(log, signed) where known.insert(tree).inserted {
                claims.append(
                    TreeClaim(log: tree.log, size: tree.size, root: .whole(tree.root), note: note, isSigned: true))
            }
            self.text?.isRead = true
            self.text?.end = line.bytes.endIndex
        } else if text.isRead && !text.isAlone {
            // Of another text, then, which is not there.
            unread.append(line.number)
        } else {
            self.text?.wrong.append(line.number)
        }
    }

    /// No line comes behind a text that could be its signature.
    private mutating func finish() {
        guard let text else { return }
        if text.isRead {
            read.append(text.line.bytes.startIndex..<text.end)
        } else if text.isOfThese {
            unread.append(text.line.number)
        } else if let wrong = text.wrong.first {
            unread.append(wrong)
        }
        self.text = nil
    }

    /// The lines of a checkpoint or a head, from this one on.
    private static func text(_ line: Line, _ lines: Lines, _ keys: [LogKind: LogKey]) -> Text? {
        var ahead = lines
        if line.bytes.elementsEqual(headType) {
            var found: [ArraySlice<UInt8>] = [line.bytes]
            while found.count < headLengths.upperBound, let next = ahead.next() { found.append(next.bytes) }
            let texts = headLengths.filter { $0 <= found.count }.map { joined(found.prefix($0)) }
            return Text(
                line: line, log: .activity, candidates: texts.filter { (try? Head(parsing: $0)) != nil },
                isOfThese: false, end: line.bytes.endIndex)
        }
        guard let log = keys.first(where: { line.bytes.elementsEqual($0.value.origin.utf8) })?.key,
            let size = ahead.next()?.bytes, size.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let text = ahead.next().map { joined([line.bytes, size, $0.bytes]) }
        return Text(
            line: line, log: log, candidates: [text].compactMap { $0 }.filter { (try? Checkpoint(parsing: $0)) != nil },
            isOfThese: true, end: line.bytes.endIndex)
    }

    private static let headType = Array(Head.type.description.utf8)
    /// Of a head that was given to a device, and of one that was not: 8 lines, or 6.
    private static let headLengths = 6...8

    private static func joined(_ lines: some Sequence<ArraySlice<UInt8>>) -> [UInt8] {
        lines.flatMap { $0 + [0x0A] }
    }

    /// A log's name and behind it base64, on this line or the next ones, whatever stands before them.
    /// - Returns: The log that is named, and the signature where one can be read; `nil` when no log's signature begins here.
    private static func signature(
        _ line: Line, _ lines: Lines, _ keys: [LogKind: LogKey]
    ) -> (log: LogKind, signature: NoteSignature?)? {
        // Few lines have as many bytes.
        guard keys.values.contains(where: { line.bytes.count >= $0.origin.utf8.count }) else { return nil }
        let words = line.words
        for (place, word) in words.enumerated() {
            guard let named = keys.first(where: { word.elementsEqual($0.value.origin.utf8) }) else { continue }
            let (log, key) = (named.key, named.value)
            let rest = words[(place + 1)...]
            var base64 = Array(rest.first ?? [])
            var ahead = lines
            var pieces = 1
            while base64.count < signatureLength, pieces < 4, rest.count < 2, let next = ahead.next() {
                guard next.words.count == 1, isBase64(next.bytes) else { break }
                base64 += next.bytes
                pieces += 1
            }
            if let payload = Base64.decode(base64), let signature = NoteSignature(name: key.origin, payload: payload),
                key.key.isKey(of: signature)
            {
                return (log, signature)
            }
            let isNamedAlone = place == 0 && rest.isEmpty
            if isBase64(base64) && base64.count >= signatureLength / 2 || beginsWithDash(line.bytes) && !isNamedAlone {
                return (log, nil)
            }
        }
        return nil
    }

    /// Of a key's id and a signature, in base64.
    private static let signatureLength = 92

    private static func isBase64(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x3D: true
            default: false
            }
        }
    }

    /// The one that a note has, and those that programs make of it.
    private static func beginsWithDash(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == UInt8(ascii: "-") || line.starts(with: [0xE2, 0x80])
    }

    /// Byte order marks, and blanks of every kind.
    private static let blanks: [[UInt8]] = [
        [0x20], [0x09], [0x0B], [0x0C], [0xC2, 0xA0], [0xA0], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF],
        [0xE2, 0x80, 0x8B], [0xE2, 0x80, 0xAF], [0xE3, 0x80, 0x80],
    ]

    private static func stripped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, first <= 0x20 || first == UInt8(ascii: ">") || first >= 0x80 {
            if first <= 0x20 || first == UInt8(ascii: ">") {
                line = line.dropFirst()
            } else if let blank = blanks.first(where: { line.starts(with: $0) }) {
                line = line.dropFirst(blank.count)
            } else {
                break
            }
        }
        while let last = line.last, last <= 0x20 || last >= 0x80 {
            guard last > 0x20 else {
                line = line.dropLast()
                continue
            }
            guard let blank = blanks.first(where: { line.suffix($0.count).elementsEqual($0) }) else { break }
            line = line.dropLast(blank.count)
        }
        return line
    }
}
