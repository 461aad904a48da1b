import SystemPackage
import Testing

@testable import RelayService

@Suite struct DurableFileTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func replacingWritesTheWholeFileOrNothing() throws {
        let path = directory("file")
        try DurableFile.replace(path, with: [1, 2, 3])
        try DurableFile.replace(path, with: [4])
        #expect(try DurableFile.read(path, limit: 8) == [4])
        #expect(try permissions(of: path) == 0o600)
        #expect(try DurableFile.names(in: directory.path) == ["file"])
    }

    @Test func whatACrashLeftBesideTheFileIsWrittenOver() throws {
        let path = directory("file")
        try DurableFile.replace(path, with: [1])
        try directory.write("half of something longer", to: "file.new")
        #expect(try DurableFile.read(path, limit: 8) == [1])
        try DurableFile.replace(path, with: [2])
        #expect(try DurableFile.read(path, limit: 8) == [2])
    }

    @Test func creatingNeverWritesOverAFile() throws {
        try DurableFile.create(directory("file"), [1], permissions: DurableFile.ownerOnly)
        #expect(
            code { try DurableFile.create(directory("file"), [2], permissions: DurableFile.ownerOnly) }
                == .wouldOverwrite)
        #expect(try DurableFile.read(directory("file"), limit: 8) == [1])
    }

    @Test func readingIsBoundedAndTellsMissingFromUnreadable() throws {
        try directory.write("12345", to: "file")
        #expect(try DurableFile.read(directory("file"), limit: 5) == Array("12345".utf8))
        #expect(code { try DurableFile.read(directory("file"), limit: 4) } == .fileUnusable)
        #expect(try DurableFile.read(directory("none"), limit: 5) == nil)
        #expect(code { try DurableFile.read(directory.path, limit: 5) } == .fileUnusable)
    }

    @Test func aMissingFolderIsAnErrorThatNamesThePath() throws {
        let error = try #require(throws: OperationsError.self) {
            try DurableFile.replace(directory("none").appending("file"), with: [1])
        }
        #expect(error.message.contains("none/file"))
    }
}
