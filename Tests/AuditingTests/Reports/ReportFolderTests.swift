import Foundation
import Testing

@testable import Auditing

/// What a report leaves on the disk: all of it under its name, or nothing.
@Suite struct ReportFolderTests {
    private static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "nightbell-reports-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        return path
    }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func theFolderHoldsEveryTableAndIsForItsOwner() async throws {
        let folder = try Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (report, verdict) = try await World.littleStory().report(to: "2026-11-24")
        try ReportFolder.write(report, verdict, to: folder + "/tables")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/tables").sorted()
        #expect(names == (report.tables.map(\.name) + ["report", "facts"]).map { $0 + ".csv" }.sorted())
        #expect(try Self.mode(folder + "/tables") == 0o700)
        for name in names {
            #expect(try Self.mode(folder + "/tables/" + name) == 0o600)
            let bytes = try #require(FileManager.default.contents(atPath: folder + "/tables/" + name))
            let rows = try ReportTextTests.read([UInt8](bytes))
            #expect(Set(rows.map(\.count)).count == 1, "\(name): every row has as many fields")
            if name == "facts.csv" { #expect(rows.count == 1 + report.receipts.reduce(0) { $0 + $1.facts } + 3) }
        }
        // Nothing is written over, and nothing is left beside it.
        #expect(throws: AuditError(.wouldOverwrite, "")) {
            try ReportFolder.write(report, verdict, to: folder + "/tables")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["tables"])
    }

    @Test func aFileIsThereWhenItIsWhole() throws {
        let folder = try Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/report.html"
        do {
            let file = try DurableFile(at: path)
            try file.write(Array("half".utf8))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty, "what was not finished is gone")
        do {
            let file = try DurableFile(at: path)
            try file.write(Array("one ".utf8))
            try file.write(Array("two".utf8))
            try file.finish()
        }
        #expect(FileManager.default.contents(atPath: path) == Data("one two".utf8))
        #expect(try Self.mode(path) == 0o600)
        #expect(throws: AuditError(.wouldOverwrite, "")) { _ = try DurableFile(at: path) }
        // One that came between is not replaced either.
        let second = folder + "/second.html"
        let late = try DurableFile(at: second)
        try Data("theirs".utf8).write(to: URL(fileURLWithPath: second))
        #expect(throws: AuditError(.wouldOverwrite, "")) { try late.finish() }
        #expect(FileManager.default.contents(atPath: second) == Data("theirs".utf8))
        #expect(throws: AuditError(.unwritable, "")) { _ = try DurableFile(at: folder + "/no/such/folder") }
    }
}
