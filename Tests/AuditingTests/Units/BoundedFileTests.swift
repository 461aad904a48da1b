import Foundation
import Testing

@testable import Auditing

@Suite struct BoundedFileTests {
    private static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "plain-file-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test(arguments: [0, 1, 300_000]) func isReadWhole(_ count: Int) throws {
        try Self.inFolder { folder in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/file"))
            #expect(BoundedFile.bytes(of: folder + "/file", limit: count) == bytes)
            #expect(BoundedFile.bytes(of: folder + "/file", limit: count - 1) == nil)
        }
    }

    /// Neither a link to a good file, nor a folder, nor a pipe into which nobody writes: none of them is waited for.
    @Test func whatOnlyLooksLikeAFileIsNone() throws {
        try Self.inFolder { folder in
            try Data([1]).write(to: URL(fileURLWithPath: folder + "/file"))
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: folder + "/file")
            try #require(unsafe mkfifo(folder + "/pipe", 0o600) == 0)
            for name in ["/link", "/pipe", "", "/missing"] {
                #expect(BoundedFile.bytes(of: folder + name, limit: 10) == nil, "\(name)")
            }
        }
    }
}
