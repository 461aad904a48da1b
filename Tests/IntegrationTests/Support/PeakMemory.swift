import Foundation
import Synchronization

/// The most that a program ever held in memory of its own, read every few milliseconds until it has ended. Pages of files that it
/// has mapped, its own program before all, are not counted: the system drops and reads them again as it likes, and a program
/// with everything for a debugger in it has more of them than anybody runs.
final class PeakMemory: Sendable {
    private let peak = Mutex(0)
    private let pid: Int32

    init(of child: ChildProcess) {
        pid = child.pid
        Thread.detachNewThread { [self] in
            while let kibibytes = Self.read(pid) {
                peak.withLock { $0 = max($0, kibibytes) }
                Thread.sleep(forTimeInterval: 0.002)
            }
        }
    }

    /// In KiB.
    var kibibytes: Int { max(peak.withLock { $0 }, Self.read(pid) ?? 0) }

    /// `nil` when there is no such process any more, or it has given its memory back.
    private static func read(_ pid: Int32) -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/status") else { return nil }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        let own = lines.filter { $0.hasPrefix("RssAnon:") || $0.hasPrefix("RssShmem:") }.compactMap { line in
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        }
        return own.isEmpty ? nil : own.reduce(0, +)
    }
}
