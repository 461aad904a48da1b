import FuzzSupport
import Secrets
import Testing

@Suite struct AuthenticatedEncryptionTests {
    private let binding: [UInt8] = Array("binding".utf8)

    private static func key(_ byte: UInt8 = 1) -> SecretBytes {
        SecretBytes(copying: [UInt8](repeating: byte, count: XChaCha20Poly1305.keyByteCount))
    }

    @Test(arguments: [0, 1, 16, 511, 65_536]) func opensWhatItSealed(_ count: Int) throws {
        var generator = SplitMix64(name: "sealing \(count)")
        let plaintext = generator.bytes(count)
        let sealed = XChaCha20Poly1305.seal(plaintext, key: Self.key(), binding: binding)
        #expect(sealed.count == count + XChaCha20Poly1305.overhead)
        #expect(try XChaCha20Poly1305.open(sealed, key: Self.key(), binding: binding) == plaintext)
        // The nonce is drawn anew each time.
        #expect(XChaCha20Poly1305.seal(plaintext, key: Self.key(), binding: binding) != sealed)
    }

    @Test func everyChangedByteKeepsItShut() {
        let sealed = XChaCha20Poly1305.seal([1, 2, 3], key: Self.key(), binding: binding)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SecretsError(.doesNotOpen)) {
                try XChaCha20Poly1305.open(changed, key: Self.key(), binding: binding)
            }
        }
        for count in 0..<sealed.count {
            #expect(throws: SecretsError(.doesNotOpen)) {
                try XChaCha20Poly1305.open(Array(sealed.prefix(count)), key: Self.key(), binding: binding)
            }
        }
    }

    @Test func anotherKeyOrBindingKeepsItShut() {
        let sealed = XChaCha20Poly1305.seal([1, 2, 3], key: Self.key(), binding: binding)
        #expect(throws: SecretsError(.doesNotOpen)) {
            try XChaCha20Poly1305.open(sealed, key: Self.key(2), binding: binding)
        }
        for other in [[], binding + [0], Array(binding.dropLast())] {
            #expect(throws: SecretsError(.doesNotOpen)) {
                try XChaCha20Poly1305.open(sealed, key: Self.key(), binding: other)
            }
        }
    }

    @Test func secretsAreWrappedAndStored() throws {
        let secret = SecretBytes(copying: Array(0..<32))
        let wrapped = XChaCha20Poly1305.wrap(secret, once: Self.key(), binding: binding)
        #expect(wrapped.count == 48)
        // Nonce of zeros: the same every time, which is why a key wraps once.
        #expect(XChaCha20Poly1305.wrap(secret, once: Self.key(), binding: binding) == wrapped)
        let unwrapped = try XChaCha20Poly1305.unwrap(wrapped, once: Self.key(), binding: binding)
        #expect(unwrapped.isEqual(to: secret) == true)
        let sealed = XChaCha20Poly1305.seal(secret, key: Self.key(), binding: binding)
        let opened = try XChaCha20Poly1305.openSecret(sealed, key: Self.key(), binding: binding)
        #expect(opened.isEqual(to: secret) == true)
    }

    @Test func wrappedSecretsStayShutWhenAnythingIsChanged() {
        let wrapped = XChaCha20Poly1305.wrap(SecretBytes(copying: Array(0..<32)), once: Self.key(), binding: binding)
        for index in wrapped.indices {
            var changed = wrapped
            changed[index] ^= 0x80
            #expect(throws: SecretsError(.doesNotOpen)) {
                _ = try XChaCha20Poly1305.unwrap(changed, once: Self.key(), binding: binding)
            }
        }
        for short in [[], [1], [UInt8](repeating: 0, count: 16)] as [[UInt8]] {
            #expect(throws: SecretsError(.doesNotOpen)) {
                _ = try XChaCha20Poly1305.unwrap(short, once: Self.key(), binding: binding)
            }
            #expect(throws: SecretsError(.doesNotOpen)) {
                _ = try XChaCha20Poly1305.openSecret(short, key: Self.key(), binding: binding)
            }
        }
        #expect(throws: SecretsError(.doesNotOpen)) {
            _ = try XChaCha20Poly1305.unwrap(wrapped, once: Self.key(2), binding: binding)
        }
    }

    @Test func paddingFillsExactly() throws {
        for count in 0..<16 {
            let bytes = [UInt8](repeating: 0x80, count: count)
            let padded = try #require(Padding.pad(bytes, to: 16))
            #expect(padded == bytes + [0x80] + [UInt8](repeating: 0, count: 15 - count))
            #expect(try Padding.unpad(padded) == bytes)
        }
        #expect(Padding.pad([UInt8](repeating: 1, count: 16), to: 16) == nil)
        #expect(Padding.pad([], to: 0) == nil)
    }

    @Test(
        arguments: [
            [], [0], [1], [0, 0, 0, 0], [1, 2, 3, 4], [0x80, 0, 0, 1], [0x80, 1, 0, 0], [0x81, 0, 0, 0],
        ] as [[UInt8]])
    func paddingWithoutItsMarkIsRefused(_ padded: [UInt8]) {
        #expect(throws: SecretsError(.badPadding)) { try Padding.unpad(padded) }
    }
}
