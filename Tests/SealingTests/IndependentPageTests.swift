import Foundation
import FuzzSupport
import Sealing
import Secrets
import Statements
import Testing

/// `Clients/verify/open_page.py`, which shares no code with this, opens what we page.
@Suite struct IndependentPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let file = try! Vectors.load("sealing.json")

    private struct Opened: Decodable {
        struct Challenge: Decodable {
            let subscription: String
            let secret: String
        }

        let message: String?
        let prekey: String?
        let binding: String?
        let alert: String?
        let challenge: Challenge?
        let connect: String?
    }

    /// Runs it in the place that `Config/test` made.
    private func open(_ page: [UInt8], _ vector: JSONValue) throws -> Opened {
        let process = Process()
        let python = Self.root.appending(path: ".build/peers/bin/python3")
        try #require(FileManager.default.fileExists(atPath: python.path), "Config/test installs it")
        process.executableURL = python
        process.arguments = [Self.root.appending(path: "Clients/verify/open_page.py").path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let given = [
            "page": Base64.encode(page), "x25519": vector["x25519_private"].string,
            "mlkem768": vector["mlkem768_seed"].string,
        ]
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(given))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Opened.self, from: answer)
    }

    @Test func itOpensWhatWePage() throws {
        let vector = try #require(Self.file["envelopes"].array.first { $0["expect"].string == "ok" })
        let recipient = vector["to"].array[0]
        let bytes = try #require(Base64.decode(vector["page"].utf8))
        let page = try #require(Page(parsing: bytes))
        let opened = try open(page.bytes, recipient)
        #expect(opened.message == page.message.description && opened.prekey == page.prekey.description)
        #expect(opened.binding == page.binding.hex)
        #expect(opened.alert == vector["alert_plain"].string)
    }

    @Test func itTellsChallengesAndWhatDoesNotOpenApart() throws {
        let vector = Self.file["envelopes"].array[0]["to"].array[0]
        let challenge = PushChallenge(subscription: .random())
        let told = try open(challenge.bytes, vector)
        #expect(told.challenge?.subscription == challenge.subscription.description)
        #expect(told.challenge?.secret == Base64.encode(challenge.secret))
        var page = try #require(Base64.decode(Self.file["envelopes"].array[0]["page"].utf8))
        page[100] ^= 1
        #expect(try open(page, vector).connect != nil)
        #expect(try open([9] + page.dropFirst(), vector).connect != nil)
    }
}
