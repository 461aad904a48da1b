import RelayAPI
import Secrets
import Statements
import Testing

@Suite struct RequestSignatureTests {
    private var key: SigningKey { SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32))) }
    private let time = Timestamp(milliseconds: 1_795_316_829_000)

    private func components(
        _ method: String = "POST", path: String = "/v1/orgs/x/claims", query: String = "a=1", body: [UInt8]? = [1, 2]
    ) -> RequestSignature.Components {
        .init(method: method, authority: "relay.example.org:8443", path: path, query: query, body: body)
    }

    @Test func whatWasSignedVerifies() throws {
        let signature = RequestSignature(components(), keyID: "dev-a", key: key, created: time)
        let parsed = try #require(
            RequestSignature(
                input: signature.inputHeader(hasBody: true), signature: signature.signatureHeader, hasBody: true))
        #expect(parsed.verifies(components(), key: key.verifyingKey))
        #expect(parsed.created == 1_795_316_829)
        #expect(parsed.keyID == "dev-a")
    }

    @Test(arguments: 0..<5) func anotherRequestDoesNot(change: Int) {
        let signature = RequestSignature(components(), keyID: "dev-a", key: key, created: time)
        let changed = [
            components("PUT"), components(path: "/v1/orgs/y/claims"), components(query: "a=2"),
            components(body: [1, 3]),
            components(body: nil),
        ][change]
        #expect(!signature.verifies(changed, key: key.verifyingKey))
    }

    @Test func theSignatureBaseIsThatOfRFC9421() {
        let signature = RequestSignature(
            components(), keyID: "dev-a", key: key, created: time, nonce: [UInt8](repeating: 0xAB, count: 16))
        let base = """
            "@method": POST
            "@authority": relay.example.org:8443
            "@path": /v1/orgs/x/claims
            "@query": ?a=1
            "content-digest": sha-256=:oShx/uIQ+4YZKR6uoZRYHL0lMeSyN1nSJfaAaSP2MiI=:
            "@signature-params": ("@method" "@authority" "@path" "@query" "content-digest");created=1795316829;keyid="dev-a";\
            nonce="abababababababababababababababab";tag="nightbell"
            """
        #expect(key.verifyingKey.isValid(signature: signature.signature, for: Array(base.utf8)))
    }

    @Test func aBodyMustBeCovered() {
        let signature = RequestSignature(components(body: nil), keyID: "dev-a", key: key, created: time)
        #expect(
            RequestSignature(
                input: signature.inputHeader(hasBody: false), signature: signature.signatureHeader, hasBody: true)
                == nil)
    }

    @Test(arguments: [
        "nb=()", "sig1=(\"@method\")", "", "nb=(\"@method\" \"@authority\" \"@path\" \"@query\");created=1;keyid=\"A\"",
        "nb=(\"@method\" \"@authority\" \"@path\" \"@query\");created=01;keyid=\"a\";nonce=\"0011223344556677889900aabbccddee\";tag=\"nightbell\"",
        "nb=(\"@method\" \"@authority\" \"@path\" \"@query\");created=1;keyid=\"a\";nonce=\"0011223344556677889900aabbccddee\";tag=\"other\"",
    ])
    func otherFormsAreRefused(input: String) {
        let signature = RequestSignature(components(body: nil), keyID: "dev-a", key: key, created: time)
        #expect(RequestSignature(input: input, signature: signature.signatureHeader, hasBody: false) == nil)
    }

    /// U+037E is to Swift the same character as ";".
    @Test func whatOnlyLooksTheSameIsRefused() {
        let signature = RequestSignature(components(body: nil), keyID: "dev-a", key: key, created: time)
        let input = signature.inputHeader(hasBody: false)
        #expect(RequestSignature(input: input, signature: signature.signatureHeader, hasBody: false) != nil)
        let other = input.replacing(";tag", with: "\u{37E}tag")
        #expect(!other.utf8.elementsEqual(input.utf8))
        #expect(RequestSignature(input: other, signature: signature.signatureHeader, hasBody: false) == nil)
    }
}
