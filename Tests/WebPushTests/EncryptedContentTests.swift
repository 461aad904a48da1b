import FuzzSupport
import Secrets
import Testing

@testable import WebPush

/// The content coding `aes128gcm`, against the examples of RFC 8188.
@Suite struct EncryptedContentTests {
    private static let walrus = Array("I am the walrus".utf8)

    static func decode(_ text: String) throws -> [UInt8] { try #require(Base64URL.decode(text.utf8)) }

    /// Section 3.1: one record, no key id.
    @Test func theFirstExampleIsReproduced() throws {
        let key = SecretBytes(copying: try Self.decode("yqdlZ-tYemfogSmv7Ws5PQ"))
        let body = try Self.decode("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
        #expect(try EncryptedContent.open(body, key: key) == Self.walrus)
        let salt = try Self.decode("I1BsxtFttlv3u_Oo94xnmw")
        let made = EncryptedContent.seal(
            [.init(Self.walrus)], .init(salt: salt, recordSize: 4_096, keyID: []), key: key)
        #expect(made == body)
    }

    /// Section 3.2: two records of 25 bytes, of which the first has a byte of padding.
    @Test func theSecondExampleIsReproduced() throws {
        let key = SecretBytes(copying: try Self.decode("BO3ZVPxUlnLORbVGMpbT1Q"))
        let body = try Self.decode(
            "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA")
        #expect(try EncryptedContent.open(body, key: key) == Self.walrus)
        let header = EncryptedContent.Header(
            salt: try Self.decode("uNCkWiNYzKTnBN9ji3-qWA"), recordSize: 25, keyID: Array("a1".utf8))
        #expect(try EncryptedContent.header(of: body) == header)
        let made = EncryptedContent.seal(
            [.init(Array(Self.walrus.prefix(7)), padding: 1), .init(Array(Self.walrus.dropFirst(7)))], header, key: key)
        #expect(made == body)
    }

    @Test func aBodyThatIsNotWholeDoesNotOpen() throws {
        let key = SecretBytes(random: 16)
        let header = EncryptedContent.Header(recordSize: 18, keyID: [7])
        let body = EncryptedContent.seal([.init([1]), .init([2]), .init([3])], header, key: key)
        #expect(try EncryptedContent.open(body, key: key) == [1, 2, 3])
        for count in body.indices {
            #expect(throws: SecretsError(.doesNotOpen), "\(count)") {
                try EncryptedContent.open(Array(body.prefix(count)), key: key)
            }
        }
        // Records out of their order, and one that follows the last.
        let start = header.byteCount
        let swapped =
            body[..<start] + body[(start + 18)..<(start + 36)] + body[start..<(start + 18)] + body[(start + 36)...]
        #expect(throws: SecretsError(.doesNotOpen)) { try EncryptedContent.open(Array(swapped), key: key) }
        #expect(throws: SecretsError(.doesNotOpen)) { try EncryptedContent.open(body + body.suffix(18), key: key) }
    }

    /// A record without a delimiter, a wrong one in the middle, and one that says "last" and is not.
    @Test func delimitersAreTheOnesOfTheirPlace() throws {
        let material = SecretBytes(random: 16)
        let salt = randomBytes(16)
        let content = material.hkdf(
            salt: SecretBytes(copying: salt), info: Array("Content-Encoding: aes128gcm\0".utf8), length: 16)
        let nonce = material.hkdf(
            salt: SecretBytes(copying: salt), info: Array("Content-Encoding: nonce\0".utf8), length: 12
        ).exposed()
        func body(_ plaintext: [UInt8]) -> [UInt8] {
            salt + [0, 0, 16, 0, 0] + AES128GCM.seal(plaintext, key: content, nonce: nonce)
        }
        #expect(try EncryptedContent.open(body([5, 2, 0, 0]), key: material) == [5])
        for wrong: [UInt8] in [[5, 1], [0, 0], [], [5], [5, 3]] {
            #expect(throws: SecretsError(.doesNotOpen), "\(wrong)") {
                try EncryptedContent.open(body(wrong), key: material)
            }
        }
    }

    @Test func aRecordSizeThatHoldsNothingIsRefused() {
        for size: UInt8 in 0..<18 {
            let body = [UInt8](repeating: 1, count: 16) + [0, 0, 0, size, 0] + [UInt8](repeating: 1, count: 40)
            #expect(throws: SecretsError(.doesNotOpen)) { try EncryptedContent.header(of: body) }
        }
    }
}
