import Foundation
import RelayStorage
import SQLiteStorage
import Secrets
import Testing

@Suite struct BlobFilesTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "nightbell-blobs-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test func piecesComeBackAndHashTogether() async throws {
        let folder = Folder()
        let blobs = try BlobFiles(folder: folder.path)
        let bytes = randomBytes(700_000)
        for start in stride(from: 0, to: bytes.count, by: 262_144) {
            try await blobs.write(Array(bytes[start..<min(start + 262_144, bytes.count)]), at: UInt64(start), of: 7)
        }
        #expect(try await blobs.read(from: 0, count: bytes.count, of: 7) == bytes)
        #expect(try await blobs.read(from: 300_000, count: 5, of: 7) == Array(bytes[300_000..<300_005]))
        #expect(try await blobs.hash(count: UInt64(bytes.count), of: 7) == Digest.sha256(bytes))
        #expect(try await blobs.hash(count: 3, of: 7) == Digest.sha256(Array(bytes[..<3])))
        #expect(try await blobs.numbers() == [7])
    }

    @Test func whatACrashLeftBeyondIsWrittenOver() async throws {
        let folder = Folder()
        let blobs = try BlobFiles(folder: folder.path)
        try await blobs.write([1, 2, 3, 4], at: 0, of: 1)
        try await blobs.write([9, 9], at: 2, of: 1)
        #expect(try await blobs.read(from: 0, count: 4, of: 1) == [1, 2, 9, 9])
    }

    @Test func filesAreTheOwnersAlone() async throws {
        let folder = Folder()
        let blobs = try BlobFiles(folder: folder.path)
        try await blobs.write([1], at: 0, of: 1)
        for (path, mode) in [(folder.path, 0o700), (folder.path + "/1", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode)
        }
    }

    @Test func whatIsNotThereIsNotInvented() async throws {
        let folder = Folder()
        let blobs = try BlobFiles(folder: folder.path)
        try await blobs.write([1, 2], at: 0, of: 1)
        #expect(try await blobs.size(of: 1) == 2)
        #expect(try await blobs.size(of: 2) == nil)
        await #expect(throws: StorageError(.broken, part: "blob")) { try await blobs.read(from: 0, count: 3, of: 1) }
        await #expect(throws: StorageError(.broken, part: "blob")) { try await blobs.read(from: 0, count: 1, of: 2) }
        await #expect(throws: StorageError(.broken, part: "blob")) { try await blobs.hash(count: 3, of: 1) }
        try await blobs.remove(1)
        try await blobs.remove(1)
        #expect(try await blobs.numbers().isEmpty)
    }
}
