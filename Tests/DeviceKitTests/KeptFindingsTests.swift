import Foundation
import Statements
import Testing

@testable import DeviceKit
import DeviceStorage

/// What a profile keeps of a lie that goes on, and what it tells of it.
@Suite final class KeptFindingsTests {
    private let folder: TemporaryFolder
    private let profile: Profile

    init() throws {
        folder = try TemporaryFolder()
        profile = try Profile.make(folder.path + "/profile", unlock: .keyFile(folder.path + "/key"))
    }

    @discardableResult
    private func keep(
        _ code: Finding.Code, _ look: Int, known: Int = 20, log: LogKind? = .activity
    ) throws -> Finding {
        try profile.keep(
            code, "look \(look)", log: log, Array("proof \(look)".utf8),
            occasion: "\(log?.rawValue ?? "") \(known)", found: Timestamp(milliseconds: Int64(look)))
    }

    private func files() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: profile.evidenceDirectory).count
    }

    @Test func aLieThatGoesOnIsKeptOnceWhileWhatIsKnownIsTheSame() throws {
        let told = try (1...10).map { try keep(.rolledBack, $0) }
        #expect(Set(told.map(\.evidence)).count == 1)
        #expect(try files() == 1)
        #expect(try profile.findings().map(\.finding) == [told[0]])
        try keep(.rolledBack, 11, known: 30)
        #expect(try files() == 2)
        #expect(try profile.findings().count == 2)
        // It is one finding, and its words stay those of the first.
        #expect(try profile.convictions() == [told[0]])
    }

    /// The file is there, and its record is not: as a crash between both leaves it.
    @Test func aCrashBeforeItsRecordLosesNoFinding() throws {
        let path = try keep(.contradiction, 1).evidence
        let other = try Profile.make(folder.path + "/other", unlock: .keyFile(folder.path + "/other-key"))
        _ = try other.keepEvidence(URL(fileURLWithPath: path).lastPathComponent, Array("proof 1".utf8))
        #expect(try other.findings().isEmpty)
        let told = try other.keep(
            .contradiction, "look 1", log: .activity, Array("proof 1".utf8), occasion: "activity 20",
            found: Timestamp(milliseconds: 1))
        #expect(try other.findings().map(\.finding) == [told] && other.convictions() == [told])
    }

    @Test func aLiarDoesNotFillTheDisk() throws {
        let told = try (0..<40).map { try keep(.rolledBack, $0, known: $0) }
        #expect(try files() == Finding.keptAtMost)
        #expect(try profile.findings().count == Finding.keptAtMost)
        #expect(told.last?.evidence == told[Finding.keptAtMost - 1].evidence)
        // Another kind, and another log, are kept all the same.
        try keep(.contradiction, 41)
        try keep(.rolledBack, 42, log: .roster)
        #expect(try files() == Finding.keptAtMost + 2)
    }

    @Test func theGravestIsToldFirstAndEachKindOnceForEachLog() throws {
        try keep(.badHead, 1, log: nil)
        let behind = try keep(.rolledBack, 2)
        let roster = try keep(.contradiction, 3, log: .roster)
        let activity = try keep(.contradiction, 4)
        try keep(.contradiction, 5, known: 30)
        let other = try keep(.inconsistent, 6)
        #expect(try profile.convictions() == [roster, activity, other, behind])
    }

    @Test func whatWasKeptWithoutALogIsRead() throws {
        try profile.store.step { try $0.addFinding("rolled_back", found: 1, details: Array("words\n/p/file".utf8)) }
        #expect(try profile.convictions() == [Finding(.rolledBack, "words", evidence: "/p/file")])
    }
}
