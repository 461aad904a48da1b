import FuzzSupport
import Secrets
import Testing

@Suite struct KeyEncapsulationTests {
    @Test func sealedBoxesOpenForTheirKeyOnly() throws {
        let key = X25519PrivateKey()
        let secret = SecretBytes(random: 32)
        let box = try SealedBox.seal(secret, to: key.publicKey)
        #expect(box.count == 80)
        let opened = try key.openSealedBox(box)
        #expect(opened.isEqual(to: secret) == true)
        let other = X25519PrivateKey()
        #expect(throws: SecretsError(.doesNotOpen)) { _ = try other.openSealedBox(box) }
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: SecretsError(.doesNotOpen)) { _ = try key.openSealedBox(changed) }
        }
        for count in [0, 32, 48, 79] {
            #expect(throws: SecretsError(.doesNotOpen)) { _ = try key.openSealedBox(Array(box.prefix(count))) }
        }
    }

    @Test func nothingIsSealedToABadPublicKey() {
        let secret = SecretBytes(random: 32)
        for bad in [[], [UInt8](repeating: 9, count: 31), [UInt8](repeating: 9, count: 33)] {
            #expect(throws: SecretsError(.badPublicKey)) { try SealedBox.seal(secret, to: bad) }
        }
        // Points of small order (RFC 7748 section 6.1): 0, 1 and p − 1.
        let zero = [UInt8](repeating: 0, count: 32)
        let one = [1] + [UInt8](repeating: 0, count: 31)
        let last = [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
        for point in [zero, one, last] {
            #expect(throws: SecretsError(.badPublicKey)) { try SealedBox.seal(secret, to: point) }
        }
    }

    @Test func storedScalarsGiveTheSameKey() {
        let key = X25519PrivateKey()
        let copy = X25519PrivateKey(key.secret())
        #expect(copy.publicKey == key.publicKey)
        #expect(key.publicKey.count == X25519PrivateKey.byteCount)
    }

    @Test func mlkemAgreesOnASecret() throws {
        let seed = SecretBytes(random: MLKEM768.seedByteCount)
        let publicKey = MLKEM768.publicKey(seed: seed)
        #expect(publicKey.count == MLKEM768.publicKeyByteCount)
        #expect(MLKEM768.publicKey(seed: seed) == publicKey)
        var ciphertext: [UInt8] = []
        var sent: [UInt8] = []
        try MLKEM768.encapsulate(to: publicKey) { bytes, secret in
            ciphertext = bytes
            sent = secret.exposed()
        }
        #expect(ciphertext.count == MLKEM768.ciphertextByteCount)
        #expect(sent.count == 32)
        let received = try MLKEM768.decapsulate(ciphertext, seed: seed)
        #expect(received.exposed() == sent)
        // Implicit rejection: another ciphertext or seed gives another secret, not an error.
        ciphertext[7] ^= 1
        let changed = try MLKEM768.decapsulate(ciphertext, seed: seed)
        #expect(changed.exposed() != sent)
        ciphertext[7] ^= 1
        let stranger = try MLKEM768.decapsulate(ciphertext, seed: SecretBytes(random: MLKEM768.seedByteCount))
        #expect(stranger.exposed() != sent)
    }

    @Test func mlkemRefusesWrongLengthsAndKeysOutsideTheField() {
        let seed = SecretBytes(random: MLKEM768.seedByteCount)
        let publicKey = MLKEM768.publicKey(seed: seed)
        for bad in [
            [], Array(publicKey.dropLast()), publicKey + [0],
            // Coefficients of 4,095 are not below q = 3,329 (FIPS 203 section 7.2).
            [UInt8](repeating: 0xFF, count: publicKey.count),
        ] {
            #expect(throws: SecretsError(.badPublicKey)) {
                try MLKEM768.encapsulate(to: bad) { _, _ in Issue.record("encapsulated to a bad key") }
            }
        }
        for count in [0, MLKEM768.ciphertextByteCount - 1, MLKEM768.ciphertextByteCount + 1] {
            #expect(throws: SecretsError(.doesNotOpen)) {
                _ = try MLKEM768.decapsulate([UInt8](repeating: 0, count: count), seed: seed)
            }
        }
        #expect(throws: SecretsError(.doesNotOpen)) {
            _ = try MLKEM768.decapsulate(
                [UInt8](repeating: 0, count: MLKEM768.ciphertextByteCount), seed: SecretBytes(random: 32))
        }
    }
}
