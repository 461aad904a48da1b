import Secrets
import Testing
import TransparencyLog

/// The body that asks a witness, byte for byte.
@Suite struct AddCheckpointTests {
    private static let hash = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let note = "o\n1\n\(hash)\n\n— o AAAAAAAA\n"

    @Test func whatIsWrittenIsRead() throws {
        let proof = (0..<63).map { Digest.sha256([UInt8($0)]) }
        let request = AddCheckpoint(old: 1 << 52, proof: proof, checkpoint: Array(Self.note.utf8))
        #expect(try AddCheckpoint(parsing: request.bytes) == request)
        let text = "old 0\n\n\(Self.note)"
        let first = try AddCheckpoint(parsing: Array(text.utf8))
        #expect(first == AddCheckpoint(old: 0, proof: [], checkpoint: Array(Self.note.utf8)))
    }

    @Test(arguments: [
        "", "old 0\n", "old 0\n\n", "old \n\n\(note)", "old 00\n\n\(note)", "old +1\n\n\(note)", "old -1\n\n\(note)",
        "old 1 \n\n\(note)", "OLD 1\n\n\(note)", "old 9007199254740992\n\n\(note)", "old 0\r\n\r\n\(note)",
        "old 1\n\(hash)", "old 1\n\(hash)\n\(note)",
        // Bits that nobody reads, padding that is not there, another length.
        "old 1\n\(hash.replacing("AAA=", with: "AAB="))\n\n\(note)", "old 1\n\(hash.dropLast())\n\n\(note)",
        "old 1\nKgEA\n\n\(note)", "old 1\n\(hash) \n\n\(note)",
        "old 1\n\(String(repeating: hash + "\n", count: 64))\n\(note)",
        "old 0\n\n\(String(repeating: "x", count: AddCheckpoint.maximumByteCount))",
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(throws: LogError(.malformed, part: "")) { try AddCheckpoint(parsing: Array(text.utf8)) }
    }

    @Test func aConflictsBodyIsOneNumber() {
        #expect(AddCheckpoint.size(parsing: Array("20852163\n".utf8)) == 20_852_163)
        #expect(AddCheckpoint.body(size: 20_852_163) == Array("20852163\n".utf8))
        for text in ["", "\n", "1", "01\n", "1\n\n", "+1\n", " 1\n", "1\r\n", "one\n"] {
            #expect(AddCheckpoint.size(parsing: Array(text.utf8)) == nil, "\(text)")
        }
    }

    /// Of the specification: hex of SHA-256 of the origin.
    @Test func theMonitoringPathIsTheOriginsHash() {
        #expect(
            AddCheckpoint.monitoringPath(origin: "example.com/behind-the-sofa")
                == "/\(Digest.sha256(Array("example.com/behind-the-sofa".utf8)).hex)/checkpoint")
    }
}
