import Foundation
import Testing

@testable import DeviceKit

/// Saving a file out of the client: it harms no other file, whatever that is called.
@Suite final class PlainFileTests {
    /// Bytes in memory; something may happen before they are given.
    private final class Words: ByteSource {
        private var rest: [UInt8]
        private let before: () throws -> Void

        init(_ text: String, before: @escaping () throws -> Void = {}) {
            rest = Array(text.utf8)
            self.before = before
        }

        func next(_ count: Int) throws -> [UInt8] {
            try before()
            defer { rest.removeFirst(min(count, rest.count)) }
            return Array(rest.prefix(count))
        }
    }

    private struct Broken: Error {}

    private let folder: TemporaryFolder
    private var target: String { folder.path + "/scan.pdf" }

    init() throws { folder = try TemporaryFolder() }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    private func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    /// Without a name until it is whole, and on a file system that does not know such files.
    @Test(arguments: [true, false]) func appearsWholeAndForItsOwnerAlone(_ isNameless: Bool) throws {
        let long = String(repeating: "0123456789", count: 20_000)
        var seen: Set<String> = []
        let source = Words(long) { seen.formUnion(try self.names()) }
        try PlainFile.write(source, to: target, isNameless: isNameless)
        #expect(!seen.contains("scan.pdf"))
        #expect(seen.isEmpty == isNameless)
        #expect(text(target) == long)
        #expect(try names() == ["scan.pdf"])
        let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test(arguments: [true, false]) func filesThatWereThereStay(_ isNameless: Bool) throws {
        // What a sender could call one file so that it gets in the way of another, and what belongs to somebody.
        let besides = ["scan.pdf.nightbell-part", "scan.pdf.part", "scan.pdf.new", ".scan.pdf"].map {
            folder.path + "/" + $0
        }
        for beside in besides { try PlainFile.write(Words("mine"), to: beside, isNameless: isNameless) }
        try PlainFile.write(Words("scan"), to: target, isNameless: isNameless)
        #expect(text(target) == "scan")
        for beside in besides { #expect(text(beside) == "mine") }
        // And when saving fails.
        try FileManager.default.removeItem(atPath: target)
        #expect(throws: Broken.self) {
            try PlainFile.write(Words("scan") { throw Broken() }, to: self.target, isNameless: isNameless)
        }
        for beside in besides { #expect(text(beside) == "mine") }
        #expect(try names().count == besides.count)
    }

    @Test(arguments: [true, false]) func nothingIsWrittenOver(_ isNameless: Bool) throws {
        try PlainFile.write(Words("first"), to: target, isNameless: isNameless)
        #expect(throws: DeviceKitError("would_overwrite", .wouldOverwrite, "", next: "")) {
            try PlainFile.write(Words("second"), to: self.target, isNameless: isNameless)
        }
        #expect(text(target) == "first")
        #expect(try names() == ["scan.pdf"])
        // Nor is a link followed to where it points.
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path + "/elsewhere")
        #expect(throws: DeviceKitError("would_overwrite", .wouldOverwrite, "", next: "")) {
            try PlainFile.write(Words("x"), to: link, isNameless: isNameless)
        }
        #expect(try names() == ["scan.pdf", "link"])
    }

    @Test(arguments: [true, false]) func ofTwoSavesAtOnceOneIsWholeAndTheOtherIsRefused(_ isNameless: Bool) throws {
        let slow = Words("slow") {
            guard self.text(self.target) == nil else { return }
            try PlainFile.write(Words("fast"), to: self.target, isNameless: isNameless)
        }
        #expect(throws: DeviceKitError("would_overwrite", .wouldOverwrite, "", next: "")) {
            try PlainFile.write(slow, to: self.target, isNameless: isNameless)
        }
        #expect(text(target) == "fast")
        #expect(try names() == ["scan.pdf"])
    }
}
