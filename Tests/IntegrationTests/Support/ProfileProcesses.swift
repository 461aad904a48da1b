import DeviceKit
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processes of one profile, as the system lists them: its agent is nobody's child.
struct ProfileProcesses {
    let profile: String

    /// Those whose arguments name the profile.
    var all: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            let words = Self.words(of: pid)
            return words.contains(profile) && words.first?.hasSuffix("nightbell") == true
        }
    }

    /// The agent.
    var agent: Int32? { all.first { Self.words(of: $0).contains("agent") } }
    /// The children of supervisors, which hold plaintext.
    var workers: [Int32] { all.filter { Self.words(of: $0).contains("--as-worker") } }

    static func words(of pid: Int32) -> [String] {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return [] }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    static func isAlive(_ pid: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        // What nobody has waited for yet is dead all the same.
        return status.split(separator: ")").last?.contains(" Z ") != true
    }

    /// Waits until something is so; looks again and again, for nobody tells.
    static func wait(seconds: Double = Programs.patienceSeconds, until condition: () async throws -> Bool) async throws
        -> Bool
    {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await condition()
    }

    /// Reads everything that a process can write to, and says which of the texts stand in it.
    /// - Returns: `nil` when the system does not let us look.
    static func found(_ texts: [[UInt8]], in pid: Int32) -> [[UInt8]]? {
        // To the end, page by page: a read that is short is not the last one here.
        guard let handle = FileHandle(forReadingAtPath: "/proc/\(pid)/maps") else { return nil }
        var listed = Data()
        while let piece = try? handle.read(upToCount: 4_096), !piece.isEmpty { listed.append(piece) }
        let maps = String(decoding: listed, as: UTF8.self)
        let memory = unsafe open("/proc/\(pid)/mem", O_RDONLY)
        guard memory >= 0 else { return nil }
        defer { close(memory) }
        var found: [[UInt8]] = []
        var bytesRead = 0
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard ends.count == 2, words[1].hasPrefix("r"), !line.contains("[vvar"), !line.hasSuffix("[vsyscall]")
            else {
                continue
            }
            var data = Data()
            var offset = ends[0]
            while offset < ends[1] {
                var buffer = [UInt8](repeating: 0, count: Int(min(ends[1] - offset, 1 << 20)))
                let count = unsafe pread(memory, &buffer, buffer.count, off_t(offset))
                guard count > 0 else { break }
                data.append(contentsOf: buffer[..<count])
                offset += UInt64(count)
            }
            bytesRead += data.count
            for text in texts where data.range(of: Data(text)) != nil { found.append(text) }
        }
        return bytesRead > 0 ? found : nil
    }
}

extension Person {
    /// Runs `nightbell` without key file: with the agent's keys, or not at all.
    func bare(_ arguments: String..., input: String? = nil) async throws -> Outcome {
        try await Programs.run(
            Programs.nightbell, ["--profile", profile, "--json"] + arguments, input: input.map { Array($0.utf8) })
    }

    /// Starts one that stays, without key file.
    func startBare(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(Programs.nightbell, ["--profile", profile, "--json"] + arguments)
    }

    var processes: ProfileProcesses { ProfileProcesses(profile: profile) }

    /// Ends the agent, if there is one: no test leaves processes behind.
    func endAgent() async throws {
        _ = try await Programs.run(Programs.nightbell, ["--profile", profile, "--json", "lock", "--end"])
    }
}
