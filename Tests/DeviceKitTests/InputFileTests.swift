import Foundation
import Testing

@testable import DeviceKit

#if canImport(Glibc)
    import Glibc
#endif

/// What somebody names to be read.
@Suite struct InputFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func pipe(_ name: String) throws -> String {
        let path = folder.path + "/" + name
        try #require(unsafe mkfifo(path, 0o600) == 0)
        return path
    }

    private func text(_ path: String) throws -> String {
        let file = try InputFile(path)
        var bytes = [file.beginning].compactMap { $0 }
        var chunk = [UInt8](repeating: 0, count: 100)
        while true {
            let count = unsafe read(file.descriptor, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    private func unlockError(_ path: String) -> DeviceKitError? {
        #expect(throws: DeviceKitError.self) {
            _ = try Profile.make(folder.path + "/profile", unlock: .passphraseFile(path))
        }
    }

    @Test(.timeLimit(.minutes(40))) func nobodyWaitsForAPipeIntoWhichNobodyWrites() throws {
        let path = try pipe("silent")
        #expect(throws: InputFile.Refusal.silentPipe) { _ = try InputFile(path) }
        let error = unlockError(path)
        #expect(error?.code == "passphrase_file_unreadable")
        #expect(error?.message.hasSuffix("is a pipe, and nobody writes into it") == true)
    }

    @Test func aMissingRightIsNoMissingFile() {
        #expect(InputFile.Refusal(errno: EACCES) == .forbidden)
        #expect(throws: InputFile.Refusal.unopenable) { _ = try InputFile(folder.path + "/nothing") }
    }

    /// As a shell gives it for `<(…)`, also when the writer thinks for longer than one waits for it to come.
    @Test(.timeLimit(.minutes(40))) func whoWritesIsWaitedFor() throws {
        let path = try pipe("slow")
        // Whoever writes runs already: one that begins late, on a busy machine, is a silent one.
        let runs = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            runs.signal()
            usleep(50_000)
            let file = unsafe open(path, O_WRONLY)
            usleep(1_500_000)
            _ = unsafe write(file, "al", 2)
            usleep(50_000)
            _ = unsafe write(file, "l of it", 7)
            close(file)
        }
        runs.wait()
        #expect(try text(path) == "all of it")
        var ends: [Int32] = [-1, -1]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        defer { close(ends[0]) }
        _ = unsafe write(ends[1], "from a shell", 12)
        close(ends[1])
        #expect(try text("/dev/fd/\(ends[0])") == "from a shell")
        let file = try folder.file("plain", "from a file")
        #expect(try text(file) == "from a file")
    }

    /// To set the mode of a device would lock others out, and help nobody.
    @Test(arguments: [("/dev/zero", "a device"), ("/tmp", "a folder")])
    func whatIsNoFileIsNamedAsWhatItIs(_ path: String, _ kind: String) {
        let error = unlockError(path)
        #expect(error?.message == "the passphrase file \"\(path)\" is \(kind)")
        #expect(error?.next.contains("chmod") == false)
    }
}
