import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file of mode 0600 that is written a piece at a time.
final class FileWriter {
    enum Start {
        /// Whatever is there goes.
        case empty
        /// What is there stays, up to a length.
        case at(UInt64)
    }

    let path: String
    private let descriptor: Int32

    /// - Throws: ``DeviceKitError`` when it cannot be made; a link is never followed.
    init(_ path: String, _ start: Start) throws(DeviceKitError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(path) }
        let length: UInt64 =
            switch start {
            case .empty: 0
            case .at(let length): length
            }
        guard fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, off_t(length)) == 0,
            lseek(descriptor, off_t(length), SEEK_SET) >= 0
        else {
            close(descriptor)
            throw Self.unwritable(path)
        }
    }

    /// Writes to a file that is open, and closes it at the end.
    init(_ path: String, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws(DeviceKitError) {
        do { try FileDescriptor(rawValue: descriptor).writeAll(bytes) } catch { throw Self.unwritable(path) }
    }

    /// What was written is on the disk when this returns.
    func synchronize() throws(DeviceKitError) {
        guard fsync(descriptor) == 0 else { throw Self.unwritable(path) }
    }

    static func unwritable(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "file_unwritable", .failed, "\"\(path)\" cannot be written",
            next: "check free space and the permissions of its folder")
    }
}
