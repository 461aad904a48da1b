import FuzzSupport
import Secrets
import Statements
import Testing
import TransparencyLog

@Suite struct LogProofTests {
    private static let signer = LogSigner(
        origin: "relay/org/activity", key: SigningKey(seed: SecretBytes(copying: Array(0..<32))))
    private static let entries = (0..<21).map {
        Entry(time: Timestamp(milliseconds: Int64($0)), body: Array("entry \($0)\n".utf8))
    }
    private static let tree = GrowingTree(leaves: entries.map(\.leafHash))
    private static let checkpoint = signer.sign(size: tree.size, root: tree.root)

    private static func proof(_ index: Int) throws -> LogProof {
        LogProof(
            index: UInt64(index), path: try tree.inclusionProof(index: UInt64(index), size: tree.size),
            checkpoint: checkpoint.note.bytes)
    }

    @Test func everyEntrysProofComesBackAndVerifies() throws {
        for index in Self.entries.indices {
            let proof = try Self.proof(index)
            let parsed = try LogProof(parsing: proof.bytes)
            #expect(parsed.bytes == proof.bytes)
            #expect(parsed.index == proof.index)
            #expect(parsed.path == proof.path)
            #expect(try parsed.verify(entry: Self.entries[index], key: Self.signer.logKey) == Self.checkpoint)
            let other = Self.entries[(index + 1) % Self.entries.count]
            #expect(throws: LogError(.proofFailed, part: "")) {
                try parsed.verify(entry: other, key: Self.signer.logKey)
            }
        }
    }

    @Test func aTreeOfOneNeedsNoPath() throws {
        let signed = Self.signer.sign(size: 1, root: Self.entries[0].leafHash)
        let proof = LogProof(index: 0, path: [], checkpoint: signed.note.bytes)
        #expect(
            proof.bytes == Array("c2sp.org/tlog-proof@v1\nindex 0\n\n".utf8) + signed.note.bytes)
        #expect(throws: Never.self) {
            try LogProof(parsing: proof.bytes).verify(entry: Self.entries[0], key: Self.signer.logKey)
        }
    }

    @Test func everyChangedByteIsCaught() throws {
        let bytes = try Self.proof(13).bytes
        for index in bytes.indices {
            for bit in [1, 0x20] as [UInt8] {
                var changed = bytes
                changed[index] ^= bit
                guard let parsed = try? LogProof(parsing: changed) else { continue }
                #expect(parsed.bytes == changed)
                #expect(throws: LogError.self, "byte \(index)") {
                    try parsed.verify(entry: Self.entries[13], key: Self.signer.logKey)
                }
            }
        }
    }

    @Test func anotherLogsProofIsRefused() throws {
        let proof = try Self.proof(3)
        let other = LogKey(origin: "relay/org/roster", key: Self.signer.logKey.key.key)
        #expect(throws: LogError(.wrongOrigin, part: "")) { try proof.verify(entry: Self.entries[3], key: other) }
        let stranger = LogKey(origin: "relay/org/activity", key: SigningKey().verifyingKey)
        #expect(throws: LogError(.badSignature, part: "")) { try proof.verify(entry: Self.entries[3], key: stranger) }
    }

    static let malformed: [(String, String)] = [
        ("empty", ""), ("another version", "c2sp.org/tlog-proof@v2\nindex 0\n\nx"),
        ("CR LF", "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\nx"),
        ("extra", "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\nx"), ("no index", "c2sp.org/tlog-proof@v1\n\nx"),
        ("plus", "c2sp.org/tlog-proof@v1\nindex +1\n\nx"), ("leading zero", "c2sp.org/tlog-proof@v1\nindex 01\n\nx"),
        ("no number", "c2sp.org/tlog-proof@v1\nindex \n\nx"),
        ("too large", "c2sp.org/tlog-proof@v1\nindex 9007199254740992\n\nx"),
        ("two spaces", "c2sp.org/tlog-proof@v1\nindex  1\n\nx"), ("no empty line", "c2sp.org/tlog-proof@v1\nindex 1\n"),
        ("short hash", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx"),
        ("no line feed", "c2sp.org/tlog-proof@v1\nindex 1"),
        ("words", "c2sp.org/tlog-proof@v1\nindex 1\nhello\n\nx"),
    ]

    @Test(arguments: malformed) func otherFormsAreRefused(_ name: String, _ text: String) {
        #expect(throws: LogError(.malformed, part: "")) { try LogProof(parsing: Array(text.utf8)) }
    }

    @Test func pathAndSizeAreBounded() throws {
        let hash = Digest.sha256([1])
        let longest = LogProof(index: 0, path: [Digest](repeating: hash, count: 64), checkpoint: [0x61])
        #expect(try LogProof(parsing: longest.bytes).path.count == 64)
        let longer = LogProof(index: 0, path: [Digest](repeating: hash, count: 65), checkpoint: [0x61])
        #expect(throws: LogError(.malformed, part: "")) { try LogProof(parsing: longer.bytes) }
        let larger = LogProof(index: 0, path: [], checkpoint: [UInt8](repeating: 0x61, count: 65_000))
        #expect(throws: LogError(.malformed, part: "")) { try LogProof(parsing: larger.bytes) }
    }
}
