#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Bytes that come one after the other.
protocol ByteSource: AnyObject {
    /// The next bytes: exactly `count`, or fewer when they are the last.
    func next(_ count: Int) throws -> [UInt8]
}

/// A regular file that is read from its beginning, a piece at a time.
final class FileReader: ByteSource {
    let path: String
    /// When it was opened.
    let byteCount: Int
    private let descriptor: Int32

    /// - Throws: ``DeviceKitError`` when it is missing, cannot be read, or is no regular file.
    init(_ path: String) throws(DeviceKitError) {
        self.path = path
        // Not blocking: a pipe that nobody writes to would hold up the command before it is refused.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw DeviceKitError(
                "file_unreadable", .notFound, "\"\(path)\" cannot be read", next: "check the path and its permissions")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw DeviceKitError(
                "not_a_file", .usage, "\"\(path)\" is no regular file", next: "give a file, not a folder or a device")
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func next(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var length = 0
        while length < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress! + length, count - length)
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else {
                throw DeviceKitError(
                    "file_unreadable", .failed, "\"\(path)\" could not be read to its end", next: "check the disk")
            }
            if got == 0 { break }
            length += got
        }
        bytes.removeLast(count - length)
        return bytes
    }

    /// Goes on from a place.
    func seek(to offset: UInt64) { _ = lseek(descriptor, off_t(offset), SEEK_SET) }
}
