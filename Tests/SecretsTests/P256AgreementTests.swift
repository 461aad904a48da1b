import FuzzSupport
import Secrets
import Testing

@Suite struct P256AgreementTests {
    @Test func bothSidesAgree() throws {
        let one = P256PrivateKey()
        let other = P256PrivateKey()
        let shared = try one.agree(with: other.publicKey)
        let same = try other.agree(with: one.publicKey)
        #expect(shared.count == 32)
        #expect(shared.isEqual(to: same) == true)
        let stored = try P256PrivateKey(one.secret())
        #expect(stored.publicKey == one.publicKey)
        #expect(one.publicKey.count == P256PrivateKey.publicKeyByteCount)
    }

    @Test func whatIsNoPointOfTheCurveIsRefused() {
        let key = P256PrivateKey()
        var off = key.publicKey
        off[40] ^= 1
        let compressed = [2 + (key.publicKey[64] & 1)] + key.publicKey[1..<33]
        for bad in [[], off, compressed, key.publicKey + [0], [UInt8](repeating: 0, count: 65)] {
            #expect(!P256PrivateKey.isPublicKey(bad))
            #expect(throws: SecretsError(.badPublicKey)) { _ = try key.agree(with: bad) }
        }
        #expect(P256PrivateKey.isPublicKey(key.publicKey))
    }

    @Test func whatIsNoScalarIsRefused() {
        for bad in [[], [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32), [1]] {
            #expect(throws: SecretsError(.wrongLength)) { _ = try P256PrivateKey(SecretBytes(copying: bad)) }
        }
    }

    /// RFC 5869, appendix A.1.
    @Test func hkdfIsReproduced() {
        let key = SecretBytes(copying: [UInt8](repeating: 0x0B, count: 22))
        let salt = SecretBytes(copying: Array(0x00...0x0C))
        let derived = key.hkdf(salt: salt, info: Array(0xF0...0xF9), length: 42).exposed()
        #expect(
            Hex.encode(derived)
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    }

    @Test func gcmOpensWhatItSealedAndNothingElse() throws {
        let key = SecretBytes(random: AES128GCM.keyByteCount)
        let nonce = randomBytes(AES128GCM.nonceByteCount)
        let sealed = AES128GCM.seal([1, 2, 3], key: key, nonce: nonce)
        #expect(sealed.count == 3 + AES128GCM.tagByteCount)
        #expect(try AES128GCM.open(sealed, key: key, nonce: nonce) == [1, 2, 3])
        for place in sealed.indices {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: SecretsError(.doesNotOpen)) { try AES128GCM.open(changed, key: key, nonce: nonce) }
        }
        #expect(throws: SecretsError(.doesNotOpen)) { try AES128GCM.open([1], key: key, nonce: nonce) }
    }
}
