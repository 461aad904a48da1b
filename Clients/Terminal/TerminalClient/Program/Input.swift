import DeviceKit
import Foundation

/// Files and standard input, bounded.
enum Input {
    /// 1 MiB.
    static let maximumByteCount = 1 << 20

    /// Reads a file, or standard input for `-`.
    static func read(_ path: String, what: String, limit: Int = maximumByteCount) throws -> [UInt8] {
        guard let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
            throw DeviceKitError(
                "file_unreadable", .notFound, "\(what) cannot be read from \"\(path)\"", next: "check the path")
        }
        var bytes: [UInt8] = []
        while let chunk = try? handle.read(upToCount: 65_536), !chunk.isEmpty {
            bytes += chunk
            guard bytes.count <= limit else {
                throw DeviceKitError(
                    "file_too_large", .usage, "\(what) has more than \(limit >> 20) MiB",
                    next: "give something shorter")
            }
        }
        return bytes
    }
}
