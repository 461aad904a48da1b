#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the one agent of a profile has taken: its socket, by which it is found, and its lock.
public struct AgentSeat: Sendable {
    /// The listening socket.
    let listener: Int32
    let lock: Int32
    private let path: String
    private let device: dev_t
    private let file: ino_t

    /// - Parameter path: Where the socket was made just now.
    init?(listener: Int32, lock: Int32, path: String) {
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return nil }
        (self.listener, self.lock, self.path) = (listener, lock, path)
        (device, file) = (found.st_dev, found.st_ino)
    }

    /// Whether nobody finds the agent any more: its profile was removed or moved away, or another one lies in its place.
    ///
    /// By the file, not by its name. Its number is nobody else's as long as the socket is open. A disk that does not
    /// answer says nothing.
    var isLost: Bool {
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return errno == ENOENT || errno == ENOTDIR }
        return found.st_dev != device || found.st_ino != file
    }

    /// Takes the socket away and gives the lock back, at the agent's end. Another agent's socket stays.
    public func leave() {
        if !isLost { _ = unsafe unlink(path) }
        close(lock)
    }
}
