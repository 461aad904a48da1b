import AuditSupport
import Foundation
import Secrets
import Testing

/// Every kind of lie is found, where it was told, and nothing on the honest log that it was told in.
@Suite struct CorpusTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(arguments: [(Story.Size.small, UInt64(1)), (.small, 2), (.medium, 3)])
    func nothingIsFoundOnAnHonestLog(_ size: Story.Size, _ seed: UInt64) async throws {
        let log = Corpus(Story(size, seed: seed)).honest()
        #expect(log.expectation.complaints(about: try await log.audit()) == [])
        // A message that did not open at first: worth a note, and nobody's lie.
        #expect(log.expectation.findings.allSatisfy { $0.code == "undecryptable" && $0.severity == "note" })
    }

    @Test func nothingIsFoundWhereWitnessesCosignedAnHonestLog() async throws {
        let log = Corpus(Story(.small)).honest(isWitnessed: true)
        #expect(log.shown.source.cosigned.values.allSatisfy { $0.count == 2 })
        #expect(log.expectation.complaints(about: try await log.audit()) == [])
    }

    /// By our audit in memory; by the independent reader in `Clients/verify`, as far as it judges, from the written export.
    ///
    /// A minute of one core's whole work, which others would wait for: `Config/test` asks for it by itself.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["NIGHTBELL_LIES"] != nil))
    func everyLieIsFoundInItsPlaceByBothReaders() async throws {
        let folder = NSTemporaryDirectory() + "nightbell-corpus-\(Hex.encode(randomBytes(8)))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let corpus = Corpus(Story(.small))
        try CorpusDirectory("\(folder)/honest").write(corpus.honest())
        try CorpusDirectory("\(folder)/honest and cosigned").write(corpus.honest(isWitnessed: true))
        for lie in Corpus.lies {
            let log = corpus.log(telling: lie)
            let complaints = log.expectation.complaints(about: try await log.audit())
            #expect(complaints == [], "\(lie.name)")
            try CorpusDirectory("\(folder)/\(lie.name)").write(log)
        }
        let (status, output) = try Self.run("Clients/verify/check_corpus.py", folder)
        #expect(status == 0, "\(output)")
    }

    /// What led to the lie was read by an earlier audit; the entry that shows it, by the one that goes on from there.
    @Test(arguments: [
        "page-without-a-subscription", "page-after-the-answer", "page-to-the-suspended", "page-kept-back",
        "prekey-twice", "one-time-as-fallback",
        "fallback-in-silence", "fallback-for-another", "subscription-invented", "queue-never-full", "delivered-twice",
        "clone", "receipts-swapped", "unanswered-twice", "hidden-behind-a-later-version",
    ])
    func anAuditThatGoesOnFindsIt(_ name: String) async throws {
        let lie = try #require(Corpus.lies.first { $0.name == name })
        let log = Corpus(Story(.small)).log(telling: lie)
        let place = try #require(log.expectation.findings.last?.entries.last)
        for size in [place, place + 1] {
            #expect(log.expectation.complaints(about: try await log.audit(after: size)) == [])
        }
    }

    @Test func thereAreKindsOfEveryLiarAndNoneTwice() {
        #expect(Set(Corpus.lies.map(\.name)).count == Corpus.lies.count)
        // All that a witness says is one sentence: it lies about the log that it is about, or not.
        for liar in Lie.Liar.allCases { #expect(Corpus.lies.count { $0.liar == liar } >= (liar == .witness ? 2 : 7)) }
    }

    /// What is written is read as the same, and judged by the same rules.
    @Test(arguments: [
        "honest", "cosignature-forged", "cosigned-another-history", "cut-off-behind-a-witness", "vouched-twice",
        "tail-withheld", "capsule-changed", "entries-withheld", "page-kept-back",
    ])
    func aWrittenLogIsJudgedAsTheOneInMemory(_ name: String) async throws {
        let folder = NSTemporaryDirectory() + "nightbell-corpus-\(Hex.encode(randomBytes(8)))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let corpus = Corpus(Story(.small))
        let log = Corpus.lies.first { $0.name == name }.map(corpus.log(telling:)) ?? corpus.honest()
        let directory = CorpusDirectory(folder)
        try directory.write(log)
        let (findings, expectation) = try await directory.audit()
        #expect(expectation.findings == log.expectation.findings)
        #expect(expectation.complaints(about: findings) == [])
    }

    /// An expectation that nothing can fail would prove nothing.
    @Test func whatIsMissingOrBesidesIsComplainedAbout() async throws {
        let corpus = Corpus(Story(.small))
        let lie = try #require(Corpus.lies.first { $0.name == "not-served" })
        let (honest, doctored) = (corpus.honest(), corpus.log(telling: lie))
        let found = try await doctored.audit()
        #expect(honest.expectation.complaints(about: found).count == 1)
        #expect(doctored.expectation.complaints(about: try await honest.audit()).count == 1)
    }

    private static func run(_ script: String, _ argument: String) throws -> (Int32, String) {
        let python = root.appending(path: ".build/peers/bin/python3")
        try #require(FileManager.default.fileExists(atPath: python.path), "Config/test installs it")
        let process = Process()
        process.executableURL = python
        process.arguments = [root.appending(path: script).path, argument]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}
