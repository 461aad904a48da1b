import FuzzSupport
import Secrets
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]) func hashesAsTheStandardSays(_ text: String, _ hex: String) {
        let bytes = Array(text.utf8)
        let digest = Digest.sha256(bytes)
        #expect(digest.hex == hex)
        #expect(digest.description == hex)
        #expect(Digest.sha256(([7] + bytes + [8])[1..<(1 + bytes.count)]) == digest)
        #expect(Digest(hex: hex.utf8) == digest)
        #expect(Digest(digest.bytes) == digest)
        #expect(Digest(AnyCollection(digest.bytes)) == digest)
        #expect(Hex.encode(digest.bytes) == hex)
    }

    @Test func aPrefixByteIsHashedFirst() {
        var generator = SplitMix64(name: "prefixed digests")
        for _ in 0..<50 {
            let bytes = generator.bytes(generator.below(200))
            let left = Digest.sha256(generator.bytes(3))
            let right = Digest.sha256(generator.bytes(3))
            #expect(Digest.sha256(prefix: 0, bytes) == Digest.sha256([0] + bytes))
            #expect(Digest.sha256(prefix: 1, left, right) == Digest.sha256([1] + left.bytes + right.bytes))
            #expect(Digest.sha256(prefix: nil, left, right) == Digest.sha256(left.bytes + right.bytes))
        }
    }

    @Test func bytesAndHexAreAppended() {
        let digest = Digest.sha256([1])
        var bytes: [UInt8] = [9]
        digest.append(to: &bytes)
        #expect(bytes == [9] + digest.bytes)
        var text: [UInt8] = [9]
        digest.appendHex(to: &text)
        #expect(text == [9] + Array(digest.hex.utf8))
        #expect(Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test func onlyExactlyThirtyTwoBytesMakeOne() {
        for count in [0, 31, 33, 64] { #expect(Digest([UInt8](repeating: 1, count: count)) == nil) }
        #expect(Digest(AnyCollection([UInt8](repeating: 1, count: 31))) == nil)
        let hex = Digest.sha256([1]).hex
        for text in [String(hex.dropLast()), hex + "0", hex.uppercased(), String(hex.dropLast()) + "g", ""] {
            #expect(Digest(hex: text.utf8) == nil)
        }
    }

    @Test func everyByteCounts() {
        let bytes = Digest.sha256([1]).bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x80
            #expect(Digest(changed) != Digest(bytes))
            #expect(Digest(changed)?.bytes == changed)
        }
    }
}
