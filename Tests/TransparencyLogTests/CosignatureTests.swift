import FuzzSupport
import Secrets
import Statements
import Testing
import TransparencyLog

/// Cosignatures of witnesses (type 0x04): one that somebody else made, and every way in which one is none.
@Suite struct CosignatureTests {
    /// Sunlight's mirror, over a checkpoint of 300 entries.
    private static let vkey = "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"
    private static let text = Array(
        "rome2026h1.example.org\n300\ngw31yQrqZZCcEOPrzX+bpy3nJ6QgngTKn8G1m0i62uU=\n".utf8)
    private static let line =
        "— mirror.example.org "
        + "P7FI7wAAAABpVGeAjA1S4pJm6MbcXjX7UUImu4azZtrfcVW2uyr/LXIYlwEJzXC0N0EiZkbqfLdXt/4gVEEuGmxJjAfXKMCISpsJAg==\n"

    private static func signer(_ name: String = "w.example/1", seed: UInt8 = 7) -> CosignatureSigner {
        CosignatureSigner(name: name, key: SigningKey(seed: SecretBytes(copying: Array(repeating: seed, count: 32))))
    }

    @Test func aMirrorsCosignatureVerifies() throws {
        let key = try #require(WitnessKey(vkey: Self.vkey))
        #expect(key.id == 0x3FB1_48EF)
        #expect(key.vkey == Self.vkey)
        let lines = try #require(NoteSignature.lines(parsing: Array(Self.line.utf8)))
        #expect(lines.count == 1 && lines[0].line == Array(Self.line.utf8))
        let cosignature = try #require(key.cosignature(lines[0], of: Self.text))
        #expect(cosignature.seconds == 1_767_139_200)
        let note = SignedNote(text: Self.text, signatures: lines)
        #expect(key.cosignature(of: note) == cosignature)
        // A key that signs twice says nothing: which of the two would be meant?
        #expect(key.cosignature(of: SignedNote(text: Self.text, signatures: lines + lines)) == nil)
    }

    @Test func whatIsSignedIsWhatTheSpecificationSays() throws {
        let signer = Self.signer()
        let seconds: UInt64 = 0x0102_0304_0506
        let cosignature = signer.sign(Self.text, at: seconds)
        #expect(cosignature.signature.bytes.prefix(8) == [0, 0, 1, 2, 3, 4, 5, 6])
        #expect(cosignature.signature.bytes.count == 72)
        // By hand, and by the bare primitive.
        let message = Array("cosignature/v1\ntime 1108152157446\n".utf8) + Self.text
        #expect(signer.witnessKey.key.isValid(signature: Array(cosignature.signature.bytes.dropFirst(8)), for: message))
        #expect(signer.witnessKey.cosignature(cosignature.signature, of: Self.text) == cosignature)
    }

    @Test func nothingElseVerifies() throws {
        let signer = Self.signer()
        let cosignature = signer.sign(Self.text, at: 1_767_139_200).signature
        let key = signer.witnessKey
        for place in 0..<cosignature.bytes.count {
            var bytes = cosignature.bytes
            bytes[place] ^= 1
            let changed = NoteSignature(name: cosignature.name, keyID: cosignature.keyID, bytes: bytes)
            #expect(key.cosignature(changed, of: Self.text) == nil, "byte \(place)")
        }
        #expect(key.cosignature(cosignature, of: Self.text + [0x0A]) == nil)
        let short = NoteSignature(name: key.name, keyID: key.id, bytes: Array(cosignature.bytes.dropLast()))
        #expect(key.cosignature(short, of: Self.text) == nil)
        // The same public key under another name is another key.
        #expect(Self.signer("w.example/2").witnessKey.cosignature(cosignature, of: Self.text) == nil)
    }

    /// Time 0 is no time, whoever signed it; nor is one beyond 2^63 - 1.
    @Test(arguments: [UInt64(0), 1 << 63]) func aTimeThatIsNoneIsRefused(_ seconds: UInt64) throws {
        let key = SigningKey(seed: SecretBytes(copying: Array(repeating: 7, count: 32)))
        let signature = key.signature(for: Array("cosignature/v1\ntime \(seconds)\n".utf8) + Self.text)
        let time = stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: seconds >> $0) }
        let witness = WitnessKey(name: "w.example/1", key: key.verifyingKey)
        let line = NoteSignature(name: witness.name, keyID: witness.id, bytes: time + signature)
        #expect(witness.cosignature(line, of: Self.text) == nil)
    }

    /// A log's key is no witness's, and the other way round: the type is part of the key.
    @Test func theTwoKindsOfKeysAreApart() throws {
        #expect(NoteKey(vkey: Self.vkey) == nil)
        let key = SigningKey(seed: SecretBytes(copying: Array(repeating: 7, count: 32))).verifyingKey
        let log = NoteKey(name: "example.org/log", key: key)
        #expect(WitnessKey(vkey: log.vkey) == nil)
        #expect(WitnessKey(name: log.name, key: key).id != log.id)
        for wrong in ["", "+", "a+b", Self.vkey + "=", Self.vkey.replacing("3fb148ef", with: "3fb148ee")] {
            #expect(WitnessKey(vkey: wrong) == nil, "\(wrong)")
        }
    }

    @Test(arguments: [
        "", "\n", "— mirror.example.org P7FI7wAAAAA=", "text\n", "\(line)\n", "\n\(line)", " \(line)",
        line.replacing("sJAg==", with: "sJAh=="), line.replacing("\n", with: "\r\n"),
        String(repeating: line, count: 65),
    ])
    func linesAreReadStrictly(_ text: String) { #expect(NoteSignature.lines(parsing: Array(text.utf8)) == nil) }
}
