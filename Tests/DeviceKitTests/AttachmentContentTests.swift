import DeviceKit
import Foundation
import Secrets
import Statements
import Testing

/// What contents say of their files.
@Suite final class AttachmentContentTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> OutgoingFile {
        let path = folder.path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try OutgoingFile(path: path)
    }

    private func draft(_ content: MessageContent, _ files: [OutgoingFile]) throws -> Draft {
        try Draft(
            member: .random(), urgency: .urgent, lifeSeconds: nil, content: content, patient: nil, files: files)
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? DeviceKitError)?.code.rawValue }
    }

    @Test func aFileIsDescribedByItsBytesAndItsName() throws {
        let description = try file("Call 1.wav", [1, 2, 3]).description(index: 0)
        #expect(description.byteCount == 3)
        #expect(description.hash == Digest.sha256([1, 2, 3]))
        #expect(description.title == "Call 1.wav")
        #expect(description.kind == .recording)
        #expect(description.mediaType == "audio/wav")
        #expect(try file("x.unknown", [1]).description(index: 0).mediaType == "application/octet-stream")
        // The same command makes the same message.
        #expect(try file("Call 1.wav", [1, 2, 3]).description(index: 0) == description)
        #expect(try file("Call 1.wav", [1, 2, 3]).description(index: 1).id != description.id)
    }

    @Test func whatIsNoFileOfPermittedSizeIsRefused() throws {
        #expect(code { _ = try OutgoingFile(path: folder.path + "/none") } == "file_unreadable")
        #expect(code { _ = try OutgoingFile(path: folder.path) } == "not_a_file")
        #expect(code { _ = try OutgoingFile(path: "/dev/zero") } == "not_a_file")
        #expect(code { _ = try file("empty", []) } == "empty_attachment")
        let path = folder.path + "/long"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 26_214_401)
        #expect(code { _ = try OutgoingFile(path: path) } == "attachment_too_long")
        try handle.truncate(atOffset: 26_214_400)
        #expect(try OutgoingFile(path: path).description(index: 0).byteCount == 26_214_400)
        try handle.close()
    }

    @Test func aTextListsItsFilesInTheirOrder() throws {
        let files = [try file("a.wav", [1]), try file("b.jpg", [2, 3])]
        let draft = try draft(try MessageContent(text: "hear this"), files)
        #expect(draft.attachments == files.enumerated().map { $1.description(index: $0) })
    }

    @Test func textsWithStrangeListsAreNotTexts() {
        func isText(_ attachments: String) -> Bool {
            let json = #"{"schema":"nightbell.text/1","text":"x","attachments":"# + attachments + "}"
            return MessageContent(plaintext: Array(json.utf8)) != nil
        }
        let hash = Digest.zero.hex
        let item =
            #"{"id":"0e5a8d6c-43c3-8f6e-9d5b-1f0f6f6f8d10","kind":"photo","media_type":"image/png","bytes":1,"sha256":""#
            + hash + #""}"#
        #expect(isText("[\(item)]"))
        #expect(!isText("[]"))
        #expect(!isText("{}"))
        #expect(!isText("[1]"))
        #expect(!isText("[\(item.replacing("photo", with: "film"))]"))
        #expect(!isText("[\(item.replacing("\"bytes\":1", with: "\"bytes\":0"))]"))
        #expect(!isText("[\(item.replacing("\"bytes\":1", with: "\"bytes\":26214401"))]"))
        #expect(!isText("[\(item.replacing(hash, with: "00"))]"))
        #expect(!isText("[\(item.replacing("\"bytes\":1", with: "\"bytes\":1,\"more\":1"))]"))
        #expect(!isText("[\(Array(repeating: item, count: 11).joined(separator: ","))]"))
        #expect(isText("[\(Array(repeating: item, count: 10).joined(separator: ","))]"))
    }

    @Test func aRecordGetsTheListOrMustBeRight() throws {
        let record = CallRecordTests.record()
        let one = try file("one.wav", [1])
        let two = try file("two.wav", [2])
        let content = try MessageContent(recordFile: record)
        let named = try draft(content, [one, two])
        #expect(named.attachments.map(\.title) == ["one.wav", "two.wav"])
        // The record itself carries the list now: giving it again with the files, in any order, is the same.
        let again = try draft(named.content, [two, one])
        #expect(again.attachments == named.attachments)
        #expect(code { _ = try draft(named.content, [one]) } == "attachment_missing")
        #expect(code { _ = try draft(named.content, []) } == "attachment_missing")
        let three = try file("three.wav", [3])
        #expect(code { _ = try draft(named.content, [one, two, three]) } == "attachment_unlisted")
        #expect(code { _ = try draft(content, Array(repeating: one, count: 11)) } == "too_many_attachments")
    }
}
