import Crypto
import Foundation
import JWTKit
import Secrets
import Synchronization
import Testing

@testable import PushDelivery

@Suite struct VAPIDTests {
    /// What is between `t=` and `, k=`, and what follows.
    private func parts(_ header: String) throws -> (token: String, key: String) {
        let parts = try #require(header.wholeMatch(of: /vapid t=([^,]+), k=([A-Za-z0-9_-]+)/))
        return (String(parts.1), String(parts.2))
    }

    private func claims(_ token: String) throws -> (header: [String: String], body: [String: Any]) {
        let pieces = token.split(separator: ".")
        #expect(pieces.count == 3)
        func object(_ piece: Substring) throws -> [String: Any] {
            let bytes = try #require(Base64URL.decode(piece.utf8))
            return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        }
        return (try object(pieces[0]) as? [String: String] ?? [:], try object(pieces[1]))
    }

    @Test func theTokenSaysWhoAsksWhomAndUntilWhen() async throws {
        let key = try VAPIDKey(VAPIDKey.generate())
        let tokens = VAPIDTokens(key, contact: "mailto:ops@practice.example", now: { 1_000_000 })
        let (token, publicKey) = try parts(try await tokens.authorization(for: "https://push.example.net"))
        #expect(Base64URL.decode(publicKey.utf8) == key.publicKey)
        let (header, body) = try claims(token)
        #expect(header == ["alg": "ES256", "typ": "JWT"])
        #expect(body["aud"] as? String == "https://push.example.net")
        #expect(body["sub"] as? String == "mailto:ops@practice.example")
        // A number, in seconds, within a day (RFC 8292 section 2).
        #expect(body["exp"] as? Int == 1_000_000 + 43_200)
        // r ‖ s, over the two parts before it.
        let signed = token.split(separator: ".")
        let raw = try #require(Base64URL.decode(signed[2].utf8))
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: raw)
        let verifier = try P256.Signing.PublicKey(x963Representation: key.publicKey)
        #expect(verifier.isValidSignature(signature, for: Data("\(signed[0]).\(signed[1])".utf8)))
    }

    @Test func aTokenIsUsedAgainForItsOriginAloneAndInTime() async throws {
        let time = Mutex(1_000_000)
        let tokens = VAPIDTokens(
            try VAPIDKey(VAPIDKey.generate()), contact: "https://practice.example/", now: { time.withLock { $0 } })
        let first = try await tokens.authorization(for: "https://a.example")
        #expect(try await tokens.authorization(for: "https://a.example") == first)
        #expect(try await tokens.authorization(for: "https://b.example") != first)
        time.withLock { $0 += VAPIDTokens.lifeSeconds - VAPIDTokens.leastSeconds }
        #expect(try await tokens.authorization(for: "https://a.example") == first)
        time.withLock { $0 += 1 }
        let second = try await tokens.authorization(for: "https://a.example")
        #expect(second != first)
        await tokens.forget("https://a.example")
        #expect(try await tokens.authorization(for: "https://a.example") != second)
    }

    @Test func aStoredKeyIsTheSame() throws {
        let scalar = VAPIDKey.generate()
        #expect(scalar.count == VAPIDKey.byteCount)
        #expect(try VAPIDKey(scalar).publicKey == VAPIDKey(scalar).publicKey)
        #expect(throws: SecretsError(.wrongLength)) { _ = try VAPIDKey(SecretBytes(zeros: 32)) }
    }
}
