import DeviceKit
import Foundation
import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The Unix socket at which a distributor hands pages over: mode 0600, in a folder that nobody else may enter.
final class PageSocket: Sendable {
    /// 5 s for whoever listens there to take a connection: somebody who is slow listens all the same.
    private static let patienceSeconds = 5

    let descriptor: Int32
    private let folder: String
    private let name: String
    private let file: (device: UInt64, number: UInt64)

    /// Listens. What nobody listens at any more is replaced; nothing else is.
    /// - Throws: ``DeviceKitError``.
    init(_ path: String) throws(DeviceKitError) {
        let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        let parts = whole.split(separator: "/")
        guard let last = parts.last, ![".", ".."].contains(last), !path.hasSuffix("/") else {
            throw Self.refused("\"\(path)\" names no socket", next: "name a path in a folder of your own")
        }
        folder = "/" + parts.dropLast().joined(separator: "/")
        name = String(last)
        try Self.check(folder: folder)
        try Self.clear(folder, name)
        guard let descriptor = UnixSocket.listen(in: folder, name: name) else {
            throw DeviceKitError(
                "page_socket", .failed,
                "no socket can be made at \"\(path)\" (\(unsafe String(cString: strerror(errno))))",
                next: "check the folder, and name another place")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        self.descriptor = descriptor
        let made = Self.status(folder + "/" + name)
        file = (UInt64(made?.st_dev ?? 0), UInt64(made?.st_ino ?? 0))
    }

    /// Removes it, unless another process has put its own there.
    func remove() {
        let path = folder + "/" + name
        if let found = Self.status(path), UInt64(found.st_dev) == file.device, UInt64(found.st_ino) == file.number {
            _ = unsafe unlink(path)
        }
        close(descriptor)
    }

    /// A real folder of this user's, that nobody else may enter: whoever can write there could put a socket of theirs in
    /// the place of ours.
    private static func check(folder: String) throws(DeviceKitError) {
        guard let found = status(folder) else {
            throw refused(
                "the folder \"\(folder)\" is not there", next: "make it for yourself alone: mkdir -m 700 '\(folder)'")
        }
        guard found.st_mode & S_IFMT == S_IFDIR, found.st_uid == geteuid() else {
            throw refused(
                "\"\(folder)\" is a symbolic link, no folder, or another user's",
                next: "name a path in a folder of your own")
        }
        guard found.st_mode & 0o077 == 0 else {
            throw refused(
                "others may enter the folder \"\(folder)\"",
                next: "name a path in a folder that only you may enter, made with: mkdir -m 700 FOLDER")
        }
    }

    private static func clear(_ folder: String, _ name: String) throws(DeviceKitError) {
        let path = folder + "/" + name
        guard let found = status(path) else { return }
        guard found.st_mode & S_IFMT == S_IFSOCK, found.st_uid == geteuid() else {
            throw refused(
                "what stands at \"\(path)\" is no socket of yours", next: "move it away, or name another path")
        }
        if let taken = UnixSocket.connect(in: folder, name: name, patienceSeconds: patienceSeconds) {
            close(taken)
            throw inUse(path)
        }
        guard [ECONNREFUSED, ENOENT].contains(errno) else { throw inUse(path) }
        _ = unsafe unlink(path)
    }

    private static func inUse(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "page_socket_taken", .tryAgain, "another program listens at \"\(path)\"",
            next: "end it, or name another path: two cannot share one")
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return unsafe lstat(path, &found) == 0 ? found : nil
    }

    private static func refused(_ message: String, next: String) -> DeviceKitError {
        DeviceKitError("page_socket", .refused, message, next: next)
    }
}
