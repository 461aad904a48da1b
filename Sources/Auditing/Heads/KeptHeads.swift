import Statements
import TransparencyLog

/// The signed heads that a device kept, as `nightbell status --heads FILE` writes them: notes, oldest first, each
/// followed by an empty line.
public struct KeptHeads: Sendable {
    /// 16 MiB: more than a device keeps.
    public static let maximumByteCount = 16 << 20

    /// The notes as they came.
    public let notes: [[UInt8]]

    public init(notes: [[UInt8]]) { self.notes = notes }

    /// Splits a file into its notes; what they say is looked at later.
    /// - Returns: `nil` when it is no such file.
    public init?(parsing file: [UInt8]) {
        guard file.count <= Self.maximumByteCount else { return nil }
        let lineFeed = UInt8(ascii: "\n")
        var notes: [[UInt8]] = []
        var note: [UInt8] = []
        var emptyLines = 0
        for line in file.split(separator: lineFeed, omittingEmptySubsequences: false).dropLast() {
            if line.isEmpty { emptyLines += 1 }
            // A note has one empty line, before its signatures; the second one ends it.
            if emptyLines == 2 {
                notes.append(note)
                note = []
                emptyLines = 0
            } else {
                note += line + [lineFeed]
            }
        }
        guard note.isEmpty, file.isEmpty || file.last == lineFeed else { return nil }
        self.notes = notes
    }

    /// The heads that are the relay's word about this organisation, and how many are not.
    func verified(by key: LogKey, organisation: OrganisationID) -> (heads: [Head], unsigned: Int) {
        var heads: Set<[UInt8]> = []
        var signed: [Head] = []
        var unsigned = 0
        for note in notes {
            guard let head = try? key.verify(head: note), head.organisation == organisation else {
                unsigned += 1
                continue
            }
            // Several files may hold the same one.
            if heads.insert(head.text).inserted { signed.append(head) }
        }
        return (signed, unsigned)
    }
}
