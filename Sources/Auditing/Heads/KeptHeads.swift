import Statements
import TransparencyLog

/// The signed heads that a device kept, as `nightbell status --heads FILE` writes them: notes, oldest first, each
/// followed by an empty line.
public struct KeptHeads: Sendable {
    /// 16 MiB: more than a device keeps.
    public static let maximumByteCount = 16 << 20

    /// 100: of a note; the shortest checkpoint that anybody signs has more. A file of less would be millions of notes.
    static let minimumNoteByteCount = 100

    /// The notes as they came.
    public let notes: [[UInt8]]

    public init(notes: [[UInt8]]) { self.notes = notes }

    /// Splits a file into its notes; what they say is looked at later.
    /// - Returns: `nil` when it is no such file.
    public init?(parsing file: [UInt8]) {
        guard file.count <= Self.maximumByteCount else { return nil }
        var notes: [[UInt8]] = []
        var (note, line) = (0, 0)
        // Of the empty line before the signatures.
        var split: Int?
        for end in file.indices where file[end] == UInt8(ascii: "\n") {
            defer { line = end + 1 }
            guard end == line else { continue }
            // A note has one empty line, before its signatures; the second one ends it. One at any other place would shift all that
            // follow: then no text stands before its own signatures, and a false head is taken for noise.
            guard let before = split else {
                guard end > note else { return nil }
                split = end
                continue
            }
            guard end > before + 1, end - note >= Self.minimumNoteByteCount else { return nil }
            notes.append(Array(file[note..<end]))
            note = end + 1
            split = nil
        }
        guard note == file.count else { return nil }
        self.notes = notes
    }

    /// Whether each note begins as a head does: words before one would make it a note that nobody signed.
    public var areHeads: Bool {
        let first = Array("\(Head.type)\n".utf8)
        return notes.allSatisfy { $0.starts(with: first) }
    }

    /// A head with the note that signs it.
    struct Signed: Sendable {
        let head: Head
        let note: [UInt8]
    }

    /// The heads that are the relay's word about this organisation, each once, and how many are not.
    ///
    /// Verified on every core: a device keeps thousands.
    func verified(by key: LogKey, organisation: OrganisationID) async -> (heads: [Signed], unsigned: Int) {
        let parts = stride(from: 0, to: notes.count, by: Self.partLength).map {
            notes[$0..<min($0 + Self.partLength, notes.count)]
        }
        let verified = await withTaskGroup(of: (Int, [Signed?]).self) { group in
            for (number, part) in parts.enumerated() {
                group.addTask {
                    (
                        number,
                        part.map { note in
                            guard let head = try? key.verify(head: note), head.organisation == organisation else {
                                return nil
                            }
                            return Signed(head: head, note: note)
                        }
                    )
                }
            }
            var verified = [[Signed?]](repeating: [], count: parts.count)
            for await (number, heads) in group { verified[number] = heads }
            return verified.flatMap { $0 }
        }
        var texts: Set<[UInt8]> = []
        // Several files may hold the same one.
        let signed = verified.compactMap { $0 }.filter { texts.insert($0.head.text).inserted }
        return (signed, verified.count { $0 == nil })
    }

    /// 128: a few milliseconds' work.
    private static let partLength = 128
}
