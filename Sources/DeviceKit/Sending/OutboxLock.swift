import DeviceStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One message of the outbox in one process's hands. Ends with the process.
final class OutboxLock {
    private let path: String
    private var lock: FileLock?

    /// - Throws: ``DeviceStorageError`` when another process does not let go in time.
    init(_ message: String, of profile: Profile, waitingMilliseconds: Int) throws {
        let folder = profile.directory + "/sending"
        try SecureFolder.make(folder)
        path = folder + "/" + message
        lock = try FileLock(path: path, waitingMilliseconds: waitingMilliseconds)
    }

    /// Lets go. Whoever waits reads the row anew, so that the file may go.
    func release() {
        _ = unsafe unlink(path)
        lock = nil
    }
}
