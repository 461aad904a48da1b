import FuzzSupport
import Secrets
import Testing

@testable import WebPush

/// Push messages, against the example of RFC 8291 (section 5 and appendix A).
@Suite struct PushMessageTests {
    private static let plaintext = Array("When I grow up, I want to be a watermelon".utf8)
    private static let body =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        + "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

    private func key(_ text: String) throws -> P256PrivateKey {
        try P256PrivateKey(SecretBytes(copying: try EncryptedContentTests.decode(text)))
    }

    private func receiver() throws -> P256PrivateKey { try key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94") }
    private let authentication = Base64URL.decode("BTBZMqHH6r4Tts7J_aSIgg".utf8)!

    @Test func theExampleIsReproduced() throws {
        let receiver = try receiver()
        let keys = try #require(SubscriptionKeys(publicKey: receiver.publicKey, authentication: authentication))
        #expect(
            Base64URL.encode(receiver.publicKey)
                == "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
        let sender = try key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
        let made = PushMessage.seal(
            Self.plaintext, to: keys, with: sender, salt: try EncryptedContentTests.decode("DGv6ra1nlYgDCS1FRnbzlw"))
        #expect(Base64URL.encode(made) == Self.body)
        let opened = try PushMessage.open(
            try EncryptedContentTests.decode(Self.body), with: receiver,
            authentication: SecretBytes(copying: authentication))
        #expect(opened == Self.plaintext)
    }

    @Test func whatIsSealedToASubscriptionOpensThereAndNowhereElse() throws {
        let receiver = P256PrivateKey()
        let secret = SecretBytes(random: 16)
        let keys = try #require(SubscriptionKeys(publicKey: receiver.publicKey, authentication: secret.exposed()))
        for count in [0, 1, 2_048, PushMessage.maximumContentByteCount] {
            let content = [UInt8](repeating: 9, count: count)
            let body = PushMessage.seal(content, to: keys)
            #expect(body.count == count + PushMessage.overhead)
            #expect(PushMessage.seal(content, to: keys) != body)
            #expect(try PushMessage.open(body, with: receiver, authentication: secret) == content)
            let other = P256PrivateKey()
            #expect(throws: SecretsError(.doesNotOpen)) {
                try PushMessage.open(body, with: other, authentication: secret)
            }
            #expect(throws: SecretsError(.doesNotOpen)) {
                try PushMessage.open(body, with: receiver, authentication: SecretBytes(random: 16))
            }
        }
        #expect(PushMessage.maximumContentByteCount == 3_993)
    }

    @Test func keysOfASubscriptionAreChecked() {
        let key = P256PrivateKey()
        #expect(SubscriptionKeys(publicKey: key.publicKey, authentication: [UInt8](repeating: 0, count: 15)) == nil)
        #expect(SubscriptionKeys(publicKey: key.publicKey.dropLast(), authentication: authentication) == nil)
        #expect(
            SubscriptionKeys(publicKey: [4] + [UInt8](repeating: 1, count: 64), authentication: authentication) == nil)
    }

    /// Of a body, every byte counts but those of the record size, which say only how much a record may hold.
    @Test func aBodyThatWasChangedDoesNotOpen() throws {
        let receiver = try receiver()
        let body = try EncryptedContentTests.decode(Self.body)
        for place in body.indices where !(16..<20).contains(place) {
            var changed = body
            changed[place] ^= 1
            #expect(throws: SecretsError.self, "\(place)") {
                try PushMessage.open(changed, with: receiver, authentication: SecretBytes(copying: authentication))
            }
        }
        // A record size that would make two records of it.
        var split = body
        split.replaceSubrange(16..<20, with: [0, 0, 0, 20])
        #expect(throws: SecretsError(.doesNotOpen)) {
            try PushMessage.open(split, with: receiver, authentication: SecretBytes(copying: authentication))
        }
    }

    @Test func bodiesAreReadStrictly() throws {
        let receiver = try receiver()
        let content = Self.plaintext
        let report = try Fuzzer(parser: "push-message", cost: 2).run { input in
            let opened = try? PushMessage.open(
                input, with: receiver, authentication: SecretBytes(copying: authentication))
            // Whatever opens is the example's content; its record size alone can differ.
            return opened == content ? input : opened.map { _ in [] }
        }
        #expect(report.findings.isEmpty)
    }
}
