import FuzzSupport
import Secrets
import Statements
import Testing
import TransparencyLog

@Suite struct CheckpointTests {
    private static let origin = "relay.example.org:8443/org-a/activity"
    private static func signer(_ byte: UInt8 = 1, origin: String = origin) -> LogSigner {
        LogSigner(origin: origin, key: SigningKey(seed: SecretBytes(copying: [UInt8](repeating: byte, count: 32))))
    }
    private static let root = Digest.sha256([1])

    @Test func isSignedAndVerified() throws {
        let signed = Self.signer().sign(size: 42, root: Self.root)
        #expect(signed.checkpoint.text == Array("\(Self.origin)\n42\n\(Base64.encode(Self.root.bytes))\n".utf8))
        let verified = try Self.signer().logKey.verify(checkpoint: signed.note.bytes)
        #expect(verified == signed)
        #expect(
            verified.seen == Seen(size: 42, root: Self.root, signature: SeenSignature(bytes: signed.signature.payload)))
        #expect(verified.seen.signature.bytes == signed.signature.payload)
        #expect(Self.signer().logKey.verifies(verified.seen))
        #expect(signed.shortForm == "42 4bf5 122f 3445 54c5 3bde 2ebb 8cd2 b7e3")
    }

    @Test func whatASignerSawConvictsOnlyWithTheLogsSignature() {
        let seen = Self.signer().sign(size: 42, root: Self.root).seen
        let key = Self.signer().logKey
        #expect(!key.verifies(Seen(size: 43, root: Self.root, signature: seen.signature)))
        #expect(!key.verifies(Seen(size: 42, root: .zero, signature: seen.signature)))
        for index in 0..<SeenSignature.byteCount {
            var changed = seen.signature.bytes
            changed[index] ^= 1
            #expect(!key.verifies(Seen(size: 42, root: Self.root, signature: SeenSignature(bytes: changed))))
        }
        #expect(!Self.signer(2).logKey.verifies(seen))
        #expect(!Self.signer(origin: "other").logKey.verifies(seen))
    }

    @Test func anotherLogsWordIsRefused() {
        let note = Self.signer().sign(size: 42, root: Self.root).note.bytes
        #expect(throws: LogError(.wrongOrigin, part: "")) {
            try Self.signer(origin: "other").logKey.verify(checkpoint: note)
        }
        #expect(throws: LogError(.badSignature, part: "")) { try Self.signer(2).logKey.verify(checkpoint: note) }
        // The right name over another log's text.
        let text = Checkpoint(origin: "other", size: 42, root: Self.root).text
        let key = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 1, count: 32)))
        #expect(throws: LogError(.wrongOrigin, part: "")) {
            try Self.signer().logKey.verify(checkpoint: SignedNote(text: text, signedBy: key, as: Self.origin).bytes)
        }
    }

    @Test func theLogSignsOnceAndValidly() {
        let signed = Self.signer().sign(size: 42, root: Self.root)
        let own = signed.signature
        let foreign = NoteSignature(name: "w", keyID: 7, bytes: [1, 2, 3])
        let bad = NoteSignature(name: own.name, keyID: own.keyID, bytes: own.bytes.reversed())
        func verify(_ signatures: [NoteSignature]) throws -> SignedCheckpoint {
            try Self.signer().logKey.verify(
                checkpoint: SignedNote(text: signed.note.text, signatures: signatures).bytes)
        }
        #expect(throws: Never.self) { try verify([own]) }
        #expect(throws: Never.self) { try verify([foreign, own, foreign]) }
        for signatures in [[foreign], [own, own], [bad], [own, bad], [bad, own]] {
            #expect(throws: LogError(.badSignature, part: "")) { try verify(signatures) }
        }
    }

    @Test(arguments: [
        "", "o\n", "o\n1\n", "o\n1\nROOT", "\n1\nROOT\n", "o\n01\nROOT\n", "o\n+1\nROOT\n", "o\n-1\nROOT\n",
        "o\n\nROOT\n",
        "o\n1\n\n", "o\n1\nROOT\nextension\n", "o\n1\nROOT\n\n", "o\n1\n ROOT\n", "o\n1 \nROOT\n", "o\r\n1\nROOT\n",
        "o\n9007199254740992\nROOT\n", "o\n1\nROOTROOT\n", "o\n1\nAAAA\n", "o\n1\nFLIPPED\n", "o\n1\nnone\n",
        "o\n1e3\nROOT\n",
    ]) func otherFormsAreRefused(_ text: String) {
        let root = Base64.encode(Self.root.bytes)
        // 32 bytes leave two unused bits: "…Dc=" might also be written "…Dd=".
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let last = root.index(root.endIndex, offsetBy: -2)
        let flipped = root[..<last] + String(alphabet[alphabet.firstIndex(of: root[last])! + 1]) + "="
        let bytes = Array(text.replacing("FLIPPED", with: flipped).replacing("ROOT", with: root).utf8)
        if text.contains("o\r\n") {
            // A name may contain it, a note not.
            let note = SignedNote(text: bytes, signatures: [NoteSignature(name: "o", keyID: 1, bytes: [1])]).bytes
            #expect(throws: LogError(.malformed, part: "")) {
                try Self.signer(origin: "o").logKey.verify(checkpoint: note)
            }
        } else {
            #expect(throws: LogError(.malformed, part: "")) { try Checkpoint(parsing: bytes) }
        }
    }

    @Test func everyChangedByteIsCaught() {
        let note = Self.signer().sign(size: 42, root: Self.root).note.bytes
        for index in note.indices {
            var changed = note
            changed[index] ^= 1
            #expect(throws: LogError.self, "byte \(index)") { try Self.signer().logKey.verify(checkpoint: changed) }
        }
    }

    @Test func headsAreSignedAndVerified() throws {
        let head = Head(
            organisation: OrganisationID(bytes: Array(0..<20)), time: Timestamp(milliseconds: 1_000),
            roster: .init(size: 1, root: Self.root), activity: .init(size: 2, root: Self.root), device: nil)
        let note = Self.signer().sign(head).bytes
        #expect(try Self.signer().logKey.verify(head: note).text == head.text)
        #expect(throws: LogError(.badSignature, part: "")) { try Self.signer(2).logKey.verify(head: note) }
        #expect(throws: LogError(.badSignature, part: "")) {
            try Self.signer(origin: "o").logKey.verify(head: note)
        }
        for index in note.indices {
            var changed = note
            changed[index] ^= 1
            #expect(throws: LogError.self, "byte \(index)") { try Self.signer().logKey.verify(head: changed) }
        }
        // Nobody else's line beside it, and no checkpoint in its place.
        let parsed = try SignedNote(parsing: note)
        let foreign = NoteSignature(name: "w", keyID: 7, bytes: [1, 2, 3])
        #expect(throws: LogError(.badSignature, part: "")) {
            try Self.signer().logKey.verify(
                head: SignedNote(text: parsed.text, signatures: parsed.signatures + [foreign]).bytes)
        }
        #expect(throws: LogError(.malformed, part: "")) {
            try Self.signer().logKey.verify(head: Self.signer().sign(size: 1, root: Self.root).note.bytes)
        }
        #expect(throws: LogError(.malformed, part: "")) { try Self.signer().logKey.verify(checkpoint: note) }
    }
}
