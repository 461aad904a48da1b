import Foundation
import Synchronization

/// The most that a program ever held in memory (`VmHWM`), read every few milliseconds until it has ended: the number only
/// grows, so that the last reading is the peak.
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
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }
        }
        return nil
    }
}
