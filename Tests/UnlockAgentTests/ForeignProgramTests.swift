import Foundation
import Processes
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Programs that are not ours, from their start to their end.
@Suite struct ForeignProgramTests {
    private func shell(_ text: String) throws -> Int32 {
        try ForeignProgram.start("/bin/sh", ["sh", "-c", text], environment: [:])
    }

    private func state(of pid: Int32) -> Substring? {
        (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.split(separator: ")").last?
            .split(separator: " ").first
    }

    private func waitForEnd(_ pid: Int32) async throws {
        let deadline = ContinuousClock.now + .seconds(600)
        while ForeignProgram.hasEnded(pid) == false {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Whoever has a number that is free could be ended in its place.
    @Test func itsNumberStaysItsOwnUntilItsGroupIsEnded() async throws {
        let pid = try shell("exit 3")
        try await waitForEnd(pid)
        // Asked again and again, it is there still, as what nobody has waited for.
        #expect(ForeignProgram.hasEnded(pid) == true)
        #expect(state(of: pid) == "Z")
        #expect(ForeignProgram.endGroup(of: pid) == .code(3))
        #expect(ForeignProgram.hasEnded(pid) == nil)
    }

    @Test func whatItLeftInItsGroupGoesWithIt() async throws {
        let folder = NSTemporaryDirectory() + "nightbell-foreign-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pid = try shell("sleep 600 & echo $! > \(folder)/left")
        try await waitForEnd(pid)
        let text = try String(contentsOfFile: folder + "/left", encoding: .utf8)
        let left = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(state(of: left).map { $0 != "Z" } == true)
        #expect(ForeignProgram.endGroup(of: pid) == .code(0))
        let deadline = ContinuousClock.now + .seconds(600)
        while let state = state(of: left), state != "Z", state != "X", ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(["Z", "X", nil].contains(state(of: left)))
    }

    @Test func whatRunsIsEnded() async throws {
        let pid = try shell("exec sleep 600")
        #expect(ForeignProgram.hasEnded(pid) == false)
        #expect(ForeignProgram.endGroup(of: pid) == .signal(SIGKILL))
    }
}
