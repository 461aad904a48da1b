import Statements

/// The signed notes that stand somewhere in a text, with whatever is around them, and the lines that are no part of any.
///
/// What a mail does to a note is undone: line ends of two characters, and further empty lines between text and signatures.
struct FoundNotes {
    private static let dash = Array("\u{2014} ".utf8)
    private static let headType = Array("nightbell.head/v1".utf8)
    /// A checkpoint's lines: origin, size and root.
    private static let checkpointLength = 3

    /// The lines of a file, one after the other, without their ends.
    private struct Lines: IteratorProtocol {
        let bytes: [UInt8]
        var position = 0

        mutating func next() -> ArraySlice<UInt8>? {
            guard position < bytes.count else { return nil }
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            defer { position = end + 1 }
            let line = bytes[position..<end]
            return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }

        /// Takes empty lines, and the signature lines behind them.
        mutating func signatures() -> [ArraySlice<UInt8>] {
            var signatures: [ArraySlice<UInt8>] = []
            var ahead = self
            while signatures.count <= SignedNote.maximumSignatureCount, let line = ahead.next() {
                if line.starts(with: FoundNotes.dash) {
                    signatures.append(line)
                } else if !line.isEmpty || !signatures.isEmpty {
                    break
                }
                self = ahead
            }
            return signatures
        }
    }

    struct Note {
        /// Where it stands in the file.
        let range: Range<Int>
        /// The notes that it may be: its text says where it ends, and not where it begins, so that it is read as a checkpoint and,
        /// where one begins there, as a head.
        let readings: [[UInt8]]
    }

    private(set) var notes: [Note] = []
    /// All other lines.
    private(set) var rest: [UInt8] = []

    /// - Parameter limit: How many bytes of other lines there may be.
    /// - Returns: `nil` when there are more.
    init?(in file: [UInt8], restLimit limit: Int) {
        var lines = Lines(bytes: file)
        // Those without an empty one between them.
        var block: [ArraySlice<UInt8>] = []
        var blockByteCount = 0
        while let line = lines.next() {
            guard line.isEmpty else {
                block.append(line)
                blockByteCount += line.count + 1
                guard blockByteCount <= SignedNote.maximumByteCount + limit else { return nil }
                continue
            }
            let signatures = lines.signatures()
            if block.isEmpty || signatures.isEmpty {
                keep(block + signatures)
            } else {
                let start = Self.start(of: block)
                keep(block[..<start])
                notes.append(
                    Note(
                        range: block[start].startIndex..<lines.position,
                        readings: Self.readings(of: block[start...], signatures)))
            }
            guard rest.count <= limit else { return nil }
            block = []
            blockByteCount = 0
        }
        keep(block)
        guard rest.count <= limit else { return nil }
    }

    private mutating func keep(_ lines: some Sequence<ArraySlice<UInt8>>) {
        for line in lines { rest += line + [UInt8(ascii: "\n")] }
    }

    /// Where what is signed begins at the earliest.
    private static func start(of block: [ArraySlice<UInt8>]) -> Int {
        let head = block.lastIndex { $0.elementsEqual(headType) } ?? block.count
        return min(head, max(0, block.count - checkpointLength))
    }

    private static func readings(
        of text: ArraySlice<ArraySlice<UInt8>>, _ signatures: [ArraySlice<UInt8>]
    ) -> [[UInt8]] {
        let head = text.first?.elementsEqual(headType) == true ? [text] : []
        return ([text.suffix(checkpointLength)] + head).map { lines in
            (lines + [[]] + signatures).flatMap { $0 + [UInt8(ascii: "\n")] }
        }
    }
}
