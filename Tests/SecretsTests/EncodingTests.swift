import FuzzSupport
import Secrets
import Testing

@Suite struct EncodingTests {
    /// RFC 4648 section 10; base32 in lower case and without padding.
    static let vectors = [
        ("", "", ""), ("f", "Zg==", "my"), ("fo", "Zm8=", "mzxq"), ("foo", "Zm9v", "mzxw6"),
        ("foob", "Zm9vYg==", "mzxw6yq"), ("fooba", "Zm9vYmE=", "mzxw6ytb"), ("foobar", "Zm9vYmFy", "mzxw6ytboi"),
    ]

    @Test(arguments: vectors) func writesAsTheRFCSays(_ plain: String, _ base64: String, _ base32: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.encodedBytes(bytes) == Array(base64.utf8))
        var text: [UInt8] = [1]
        Base64.append(bytes, to: &text)
        #expect(text == [1] + Array(base64.utf8))
        #expect(Base64.decode(base64.utf8) == bytes)
        #expect(Base32.encode(bytes) == base32)
        #expect(Base32.encodedBytes(bytes) == Array(base32.utf8))
        #expect(Base32.decode(base32.utf8) == bytes)
    }

    @Test func everyLengthAndByteComesBack() {
        var generator = SplitMix64(name: "encodings")
        for count in 0..<200 {
            let bytes = generator.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
            #expect(Base32.decode(Base32.encode(bytes).utf8) == bytes)
            #expect(Hex.decode(Hex.encode(bytes).utf8) == bytes)
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
            // Collections that are not contiguous take another path.
            #expect(Base64.decode(AnyCollection(Array(Base64.encode(bytes).utf8))) == bytes)
            #expect(Base32.decode(AnyCollection(Array(Base32.encode(bytes).utf8))) == bytes)
            #expect(Hex.decode(AnyCollection(Array(Hex.encode(bytes).utf8))) == bytes)
            #expect(Base64.decode(([0] + Array(Base64.encode(bytes).utf8)).dropFirst()) == bytes)
        }
    }

    @Test func base64HasOneFormOfEachEnd() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let pad = UInt8(ascii: "=")
        for (first, a) in alphabet.enumerated() {
            for (second, b) in alphabet.enumerated() {
                let one: [UInt8]? = second & 15 == 0 ? [UInt8(first << 2 | second >> 4)] : nil
                #expect(Base64.decode([a, b, pad, pad]) == one)
            }
            // The last of three characters has two unused bits.
            let two: [UInt8]? = first & 3 == 0 ? [0, UInt8(first >> 2)] : nil
            #expect(Base64.decode([65, 65, a, pad]) == two)
        }
    }

    @Test func base64URLHasItsOwnAlphabetAndNoPadding() {
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64URL.encode([0xFB, 0xEF]) == "--8")
        #expect(Base64URL.encode([0xFB]) == "-w")
        for bad in ["++//", "--8=", "-w==", "-x", "--9", "-", "--__-", "a b", "-w\n"] {
            #expect(Base64URL.decode(bad.utf8) == nil, "\(bad)")
        }
    }

    @Test func base32HasOneFormOfEachEnd() {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        // Unused bits by number of characters; `nil` where no number of bytes has that length.
        for (length, unused) in [(2, 2), (4, 4), (5, 1), (7, 3), (1, nil), (3, nil), (6, nil)] as [(Int, Int?)] {
            for (value, character) in alphabet.enumerated() {
                let text = [UInt8](repeating: 97, count: length - 1) + [character]
                let isPermitted = unused.map { value & (1 << $0 - 1) == 0 } ?? false
                #expect((Base32.decode(text) != nil) == isPermitted, "\(length) \(value)")
            }
        }
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAAAA", "AA=A", "A===", "====", "=AAA", "AA==AAAA", "AAA=AAAA", "AA==\n", "AA AA",
        "AAA\u{41}=",
        "AAA-", "AAA_", "AAA\u{C9}",
    ]) func base64RefusesWhatIsNotCanonical(_ text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test(arguments: ["A", "AA", "a1", "a8", "aa======", "aA", "a a", "0a"])
    func base32RefusesWhatIsNotCanonical(_ text: String) { #expect(Base32.decode(text.utf8) == nil) }

    @Test(arguments: ["0", "0g", "0G", "AB", "Ab", "0x", " 00", "00 "])
    func hexRefusesWhatIsNotLowerCase(_ text: String) { #expect(Hex.decode(text.utf8) == nil) }

    @Test func whatDecodesIsWhatEncodingWrites() {
        var generator = SplitMix64(name: "canonical")
        let alphabet = Array("ABab01yz+/=267".utf8)
        for _ in 0..<20_000 {
            let text = (0..<generator.below(10)).map { _ in alphabet[generator.below(alphabet.count)] }
            if let bytes = Base64.decode(text) { #expect(Base64.encodedBytes(bytes) == text) }
            if let bytes = Base32.decode(text) { #expect(Base32.encodedBytes(bytes) == text) }
            if let bytes = Hex.decode(text) { #expect(Array(Hex.encode(bytes).utf8) == text) }
        }
    }

    @Test func fuzzedTextsAreReadStrictly() throws {
        let base64 = try Fuzzer(parser: "base64").run { Base64.decode($0).map(Base64.encodedBytes) }
        #expect(base64.findings.isEmpty)
        let base32 = try Fuzzer(parser: "base32").run { Base32.decode($0).map(Base32.encodedBytes) }
        #expect(base32.findings.isEmpty)
        let hex = try Fuzzer(parser: "hex").run { Hex.decode($0).map { Array(Hex.encode($0).utf8) } }
        #expect(hex.findings.isEmpty)
    }
}
