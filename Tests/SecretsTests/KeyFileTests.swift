import Foundation
import Secrets
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite final class KeyFileTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    private let content: [UInt8] = Array(0..<32)

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func write(_ name: String, _ bytes: [UInt8], mode: mode_t) throws -> String {
        let path = path(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let changed = unsafe chmod(path, mode)
        #expect(changed == 0)
        return path
    }

    private func code(_ body: () throws -> Void) -> SecretsError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? SecretsError)?.code }
    }

    @Test func whatItCreatesIsPrivateAndReadsBack() throws {
        let path = path("key")
        // A permissive umask must not open the file.
        let mask = umask(0)
        defer { umask(mask) }
        try KeyFile.create(path, holding: SecretBytes(copying: content))
        var status = stat()
        let found = unsafe lstat(path, &status)
        #expect(found == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(status.st_size == 32)
        let secret = try KeyFile.read(path, count: 32)
        #expect(secret.exposed() == content)
    }

    @Test func neverWritesOverAFileOrThroughALink() throws {
        let path = try write("key", content, mode: 0o600)
        #expect(code { try KeyFile.create(path, holding: SecretBytes(copying: [9])) } == .keyFileExists)
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == content)
        let dangling = self.path("dangling")
        let linked = unsafe symlink(self.path("nowhere"), dangling)
        #expect(linked == 0)
        #expect(code { try KeyFile.create(dangling, holding: SecretBytes(copying: [9])) } == .keyFileExists)
        #expect(!FileManager.default.fileExists(atPath: self.path("nowhere")))
    }

    @Test func saysWhenItCannotWrite() {
        #expect(
            code { try KeyFile.create(path("missing/key"), holding: SecretBytes(copying: [9])) } == .keyFileUnwritable)
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777] as [mode_t])
    func refusesAFileThatOthersMayTouch(_ mode: mode_t) throws {
        let path = try write("key", content, mode: mode)
        #expect(code { _ = try KeyFile.read(path, count: 32) } == .keyFileTooOpen)
    }

    @Test(arguments: [0o600, 0o400] as [mode_t]) func readsAFileThatOnlyItsOwnerMayTouch(_ mode: mode_t) throws {
        let path = try write("key", content, mode: mode)
        let secret = try KeyFile.read(path, count: 32)
        #expect(secret.exposed() == content)
    }

    @Test(arguments: [0, 31, 33, 64]) func refusesAFileOfAnotherSize(_ count: Int) throws {
        let path = try write("key", [UInt8](repeating: 7, count: count), mode: 0o600)
        #expect(code { _ = try KeyFile.read(path, count: 32) } == .keyFileUnreadable)
    }

    @Test func readsAWholeFileUpToABound() throws {
        for count in [1, 31, 64] {
            let bytes = [UInt8](repeating: 7, count: count)
            let secret = try KeyFile.read(try write("key", bytes, mode: 0o600), atMost: 64)
            #expect(secret.exposed() == bytes)
        }
        for count in [0, 65, 1_000_000] {
            let path = try write("key", [UInt8](repeating: 7, count: count), mode: 0o600)
            #expect(code { _ = try KeyFile.read(path, atMost: 64) } == .keyFileUnreadable)
        }
        let open = try write("key", content, mode: 0o640)
        #expect(code { _ = try KeyFile.read(open, atMost: 64) } == .keyFileTooOpen)
    }

    @Test func refusesWhatIsNoPlainFile() throws {
        #expect(code { _ = try KeyFile.read(path("missing"), count: 32) } == .keyFileUnreadable)
        #expect(code { _ = try KeyFile.read(folder.path, count: 32) } == .keyFileUnreadable)
        let link = path("link")
        let linked = unsafe symlink(try write("key", content, mode: 0o600), link)
        #expect(linked == 0)
        #expect(code { _ = try KeyFile.read(link, count: 32) } == .keyFileUnreadable)
        // Reading a pipe would wait for a writer.
        let pipe = path("pipe")
        let made = unsafe mkfifo(pipe, 0o600)
        #expect(made == 0)
        #expect(code { _ = try KeyFile.read(pipe, count: 32) } == .keyFileUnreadable)
    }

    @Test func errorsNameTheFile() {
        do {
            _ = try KeyFile.read(path("missing"), count: 32)
            Issue.record("read a missing file")
        } catch { #expect(error.path == path("missing")) }
    }
}
