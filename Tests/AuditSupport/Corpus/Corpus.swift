package import Auditing
import Foundation
import Secrets
import Statements

/// Honest logs of several sizes, and from each of them one doctored log for every kind of lie.
package struct Corpus {
    /// A log of the corpus.
    package struct Log: Sendable {
        /// `nil` for the honest one.
        package let lie: Lie?
        package let size: Story.Size
        package let shown: Shown
        package let expectation: Expectation

        package var name: String { lie?.name ?? "honest" }
    }

    /// Every kind, by liar.
    package static let lies: [Lie] = [
        Lie.trees, Lie.betweenLogs, Lie.heads, Lie.cosignatures, Lie.delivery, Lie.pages, Lie.keptCapsules,
        Lie.rosterStatements,
        Lie.rosterKeys,
        Lie.manifests, Lie.references, Lie.sealedCapsules, Lie.receipts, Lie.accesses, Lie.witnesses,
    ].flatMap { $0 }

    package let story: Story
    private let sealed = SealedStock()
    /// After how many scenes the lie is told.
    private let midway: Int
    private let opening: Telling
    private let prefix: Telling

    package init(_ story: Story) {
        self.story = story
        let scenes = story.size.scenes
        // In the last tenth of a large story: all that is before it is told once.
        midway = story.size == .small ? scenes : scenes - 1 - Int(story.seed % UInt64(max(1, scenes / 10)))
        opening = story.opening(sealed)
        prefix = Telling(opening)
        story.play(0..<midway, prefix)
    }

    /// The story as it was.
    /// - Parameter isWitnessed: Whether the practice named witnesses in the end, who cosigned its logs.
    package func honest(isWitnessed: Bool = false) -> Log {
        log(nil) { telling in
            guard isWitnessed else { return }
            telling.watch()
        }
    }

    /// The story with a lie in it.
    package func log(telling lie: Lie) -> Log { log(.some(lie)) }

    private func log(_ lie: Lie?, ending: (Telling) -> Void = { _ in }) -> Log {
        let telling: Telling
        if let lie, lie.moment == .founding {
            telling = founded(lie)
            story.play(0..<midway, telling)
        } else {
            telling = Telling(prefix)
        }
        if let lie, lie.moment == .midway { lie.tell(telling) }
        story.play(midway..<story.size.scenes, telling)
        story.close(telling)
        if let lie, lie.moment == .end { lie.tell(telling) }
        ending(telling)
        var shown = Shown(telling)
        for doctor in telling.doctors { doctor(&shown) }
        if telling.isBlind { telling.expectation.findings.removeAll { $0.severity == "note" } }
        return Log(lie: lie, size: story.size, shown: shown, expectation: telling.expectation)
    }

    /// A lie with which the log begins.
    private func founded(_ lie: Lie) -> Telling {
        var expectation = Expectation()
        let telling = story.opening(sealed) { world in
            let first = Telling(world: world, random: prefix.random)
            lie.tell(first)
            expectation = first.expectation
        }
        telling.expectation = expectation
        return telling
    }
}

extension Corpus.Log {
    /// What an audit finds; of a log whose export was doctored, in a folder that is gone afterwards.
    package func audit() async throws -> [AuditFinding] {
        guard shown.files.isEmpty else {
            let folder = NSTemporaryDirectory() + "nightbell-lie-\(Hex.encode(randomBytes(8)))"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let directory = CorpusDirectory(folder)
            try directory.write(self)
            return try await directory.audit().findings
        }
        return try await audit(shown.source, MemoryAuditStore())
    }

    /// What an audit finds that goes on from an earlier one, which saw so many entries of the activity log.
    package func audit(after size: UInt64) async throws -> [AuditFinding] {
        let store = MemoryAuditStore(isKept: true)
        var before = shown
        before.cut(.activity, to: size)
        _ = try await audit(before.source, store)
        return try await audit(shown.source, store)
    }

    private func audit(_ source: MemorySource, _ store: any AuditStore) async throws -> [AuditFinding] {
        var audit = Audit()
        audit.organisation = shown.organisation
        audit.heads = shown.heads
        // Before its end, the log is an export of that day.
        audit.isPresent = shown.isPresent && source.entries[.activity]?.count == shown.source.entries[.activity]?.count
        return try await audit.run(source, capsules: CorpusAuditor(capsules: shown.capsules), store: store).findings
    }

    /// How many entries both logs have.
    package var entryCount: Int { shown.source.entries.values.reduce(0) { $0 + $1.count } }
}
