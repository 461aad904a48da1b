import Foundation
import PushPeer
import Secrets
import Testing
import WebPush

@testable import PushDelivery

/// Web Push against implementations that share no code with this one.
@Suite(.serialized) struct IndependentPeerTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private struct Opened: Decodable {
        struct Claims: Decodable {
            let aud: String
            let exp: Int
            let sub: String
        }

        let content: String
        let claims: Claims
    }

    /// Runs `Peers/web_push.py` in the place that `Config/test` made.
    private func run<Answer: Decodable>(_ verb: String, _ given: [String: String]) throws -> Answer {
        let process = Process()
        let python = Self.root.appending(path: ".build/peers/bin/python3")
        try #require(FileManager.default.fileExists(atPath: python.path), "Config/test installs them")
        process.executableURL = python
        process.arguments = [Self.root.appending(path: "Tests/PushPeer/Peers/web_push.py").path, verb]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(given))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Answer.self, from: answer)
    }

    @Test func theyOpenWhatWeSealAndVerifyWhoWeAre() async throws {
        let receiver = P256PrivateKey()
        let authentication = randomBytes(16)
        let keys = try #require(SubscriptionKeys(publicKey: receiver.publicKey, authentication: authentication))
        let tokens = VAPIDTokens(try VAPIDKey(VAPIDKey.generate()), contact: "mailto:ops@practice.example")
        let page = PushPage.sample()
        let opened: Opened = try run(
            "open",
            [
                "body": Base64URL.encode(PushMessage.seal(page.body, to: keys)),
                "private": Base64URL.encode(receiver.secret().exposed()),
                "authentication": Base64URL.encode(authentication),
                "authorization": try await tokens.authorization(for: "https://push.example.net"),
            ])
        #expect(Base64URL.decode(opened.content.utf8) == page.body)
        #expect(opened.claims.aud == "https://push.example.net")
        #expect(opened.claims.sub == "mailto:ops@practice.example")
        #expect(opened.claims.exp - PushClock.now() <= 86_400)
    }

    @Test func weOpenWhatTheySeal() throws {
        struct Sealed: Decodable {
            let body: String
        }
        let receiver = P256PrivateKey()
        let authentication = SecretBytes(random: 16)
        let content = PushPage.sample().body
        let sealed: Sealed = try run(
            "seal",
            [
                "content": Base64URL.encode(content), "public": Base64URL.encode(receiver.publicKey),
                "authentication": Base64URL.encode(authentication.exposed()),
            ])
        let body = try #require(Base64URL.decode(sealed.body.utf8))
        #expect(try PushMessage.open(body, with: receiver, authentication: authentication) == content)
    }
}
