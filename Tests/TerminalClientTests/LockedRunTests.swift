import Foundation
import Statements
import Testing

@testable import TerminalClient

/// The program of `--command` while the profile is locked: it is run for whatever rings, without an id.
@Suite final class LockedRunTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/nightbell-locked-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func ringer(
        _ text: String = "", trouble: @escaping @Sendable (String) -> Void = { Issue.record("\($0)") }
    ) throws -> LockedRinger {
        let path = folder + "/ring.sh"
        try Data("#!/bin/sh\necho \"$@\" >> \(folder)/out\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        var means = Ringer.Means()
        means.notifies = false
        means.desktop = Desktop(show: { _, _, _ in nil }, close: { _ in })
        means.program = try RingProgram(path, environment: ["PATH": "/usr/bin:/bin"])
        means.trouble = trouble
        return LockedRinger(means)
    }

    /// The lines of a file that the program writes, once there are so many: other tests may keep every core for a while.
    private func lines(_ count: Int, of name: String = "out") async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            let text = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").map(String.init)
            if lines.count >= count || ContinuousClock.now > deadline { return lines }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test func itRunsForWhatWaitsForWhatComesAndAgain() async throws {
        let ringer = try ringer()
        try await running(ringer) { try await self.ring(ringer) }
    }

    /// Beside what runs the program.
    private func running(_ ringer: LockedRinger, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await ringer.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func ring(_ ringer: LockedRinger) async throws {
        var expected: [String] = []
        func expect(_ line: String) async throws {
            expected.append(line)
            #expect(try await lines(expected.count) == expected)
        }
        // What waits when it locks, a second one of the same urgency or the policy's time, a lesser one.
        ringer.ring(0)
        try await expect("ring emergent locked")
        ringer.ring(0)
        try await expect("again emergent locked")
        ringer.ring(3)
        try await expect("ring routine locked")
        // Nothing waits any more: once.
        ringer.ring(nil)
        ringer.ring(nil)
        try await expect("quiet routine locked")
        // What was sent from here has no answer in time: that nothing waits here does not answer it.
        ringer.ringOverdue(LockedDeadlines.Overdue(messages: 1, mostUrgent: .sameDay))
        try await expect("ring same_day locked")
        ringer.ring(nil)
        ringer.ringOverdue(LockedDeadlines.Overdue(messages: 1, mostUrgent: .sameDay))
        try await expect("again same_day locked")
        // Somebody unlocks, and what waits rings after that.
        ringer.unlocked()
        try await expect("quiet same_day locked")
        ringer.unlocked()
        ringer.ring(1)
        try await expect("ring urgent locked")
    }

    @Test func whatItStillDoesEndsWithTheProgramThatRings() async throws {
        // Its time may be over before a busy machine looks.
        let ringer = try ringer("trap '' TERM; echo $$ > \(folder)/pid; while :; do sleep 0.1; done") { _ in }
        ringer.ring(0)
        var pids: [String] = []
        try await running(ringer) { pids = try await self.lines(1, of: "pid") }
        let pid = try #require(pids.first)
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)"))
    }
}
