import DeviceKit
import Foundation

/// Files and standard input, bounded.
enum Input {
    /// 1 MiB.
    static let maximumByteCount = 1 << 20

    /// Whether somebody types.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// What a person says in an option, or on standard input for `-`; `nil` when nothing was asked to be said.
    static func words(_ given: String?, option: String = "text", _ console: Console) throws -> String? {
        guard let given else { return nil }
        guard given == "-" else {
            console.warn(
                "other users of this machine can read what stands in a command's line: use \"--\(option) -\" and give the text "
                    + "on standard input")
            return given
        }
        guard var typed = String(validating: try read("-", what: "the text"), as: UTF8.self) else {
            throw DeviceKitError("bad_text", .usage, "the text is not UTF-8", next: "convert it to UTF-8")
        }
        if typed.hasSuffix("\n") { typed.removeLast() }
        return typed
    }

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
