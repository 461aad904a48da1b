import Secrets
import Statements
import Testing
import TransparencyLog

/// Checkpoints that other implementations signed.
@Suite struct KnownNoteTests {
    /// The test log of Tessera (transparency-dev/tessera, testdata/log).
    private static let vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    private static let entries = [
        "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf", "threeten",
        "fourten",
        "fivten",
    ]

    private static func root(_ size: Int) -> Digest {
        MerkleTree.root(of: entries.prefix(size).map { MerkleTree.leafHash(Array($0.utf8)) }[...])
    }

    @Test(arguments: [
        (1, "0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek="), (8, "bC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY="),
        (15, "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="),
    ]) func tesserasRootsAreReproduced(_ size: Int, _ root: String) {
        #expect(Base64.encode(Self.root(size).bytes) == root)
    }

    @Test func tesserasCheckpointVerifies() throws {
        let key = try #require(NoteKey(vkey: Self.vkey))
        #expect(key.id == 0x33D7_B496)
        let note =
            "example.com/log/testdata\n15\n\(Base64.encode(Self.root(15).bytes))\n\n— example.com/log/testdata "
            + "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
        let log = LogKey(origin: key.name, key: key.key)
        let signed = try log.verify(checkpoint: Array(note.utf8))
        #expect(signed.size == 15)
        #expect(signed.root == Self.root(15))
        #expect(log.verifies(signed.seen))
        // The last character has unused bits, which Go's decoder ignores.
        let flipped = note.replacing("ewI=", with: "ewJ=")
        #expect(throws: LogError(.malformed, part: "")) { try log.verify(checkpoint: Array(flipped.utf8)) }
    }

    /// A cosignature (type 0x04) is a line of a key that we do not know: carried along, never taken for the log's.
    @Test func aCosignatureIsCarriedAlong() throws {
        let text = Array("rome2026h1.example.org\n300\ngw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=\n".utf8)
        let cosignature =
            "— mirror.example.org "
            + "P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0EiZkbqfLdXt/4gVEEuGmxJjAfXKMCISpsJAg==\n"
        let checkpoint = try Checkpoint(parsing: text)
        #expect(checkpoint.size == 300)
        let signer = LogSigner(origin: checkpoint.origin, key: SigningKey(seed: SecretBytes(copying: Array(0..<32))))
        let signed = signer.sign(size: checkpoint.size, root: checkpoint.root)
        #expect(signed.note.text == text)
        let cosigned = signed.note.bytes + Array(cosignature.utf8)
        let verified = try signer.logKey.verify(checkpoint: cosigned)
        #expect(verified.note.bytes == cosigned)
        #expect(verified.note.signatures.count == 2)
        #expect(verified.note.signatures[1].bytes.count == 72)
        #expect(verified.signature == signed.signature)
        // Alone it is no word of the log's.
        #expect(throws: LogError(.badSignature, part: "")) {
            try signer.logKey.verify(checkpoint: text + Array("\n\(cosignature)".utf8))
        }
    }
}
