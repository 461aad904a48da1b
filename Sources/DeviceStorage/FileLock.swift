#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An exclusive `flock` on a file, held as long as this value lives.
///
/// Advisory and bound to the open descriptor: it ends with the process, however that ends.
public struct FileLock: ~Copyable {
    /// 10,000: how long a second process waits before it gives up.
    public static let standardWaitMilliseconds = 10_000
    private static let pauseMilliseconds = 10

    private let descriptor: Int32

    /// Waits for the lock.
    /// - Parameter path: Created (mode 0600) when it is missing.
    /// - Throws: ``DeviceStorageError/Code/busy`` when another holder does not let go in time,
    ///   ``DeviceStorageError/Code/unusable`` when the file cannot be opened.
    public init(
        path: String, waitingMilliseconds: Int = FileLock.standardWaitMilliseconds
    ) throws(DeviceStorageError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DeviceStorageError(.unusable, place: path) }
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                close(descriptor)
                throw DeviceStorageError(.unusable, place: path)
            }
            guard waited < waitingMilliseconds else {
                close(descriptor)
                throw DeviceStorageError(.busy, place: path)
            }
            usleep(UInt32(Self.pauseMilliseconds) * 1000)
            waited += Self.pauseMilliseconds
        }
        self.descriptor = descriptor
    }

    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
