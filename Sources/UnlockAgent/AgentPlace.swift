import Processes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the agent of a profile is found: in the profile itself.
///
/// Not below `$XDG_RUNTIME_DIR`: a service, a shell over ssh and one under sudo each have another, or none, and all must
/// find the one agent. The folder has mode 0700 like the profile above it.
public struct AgentPlace: Sendable {
    static let socketName = "socket"
    private static let lockName = "lock"

    /// The folder.
    public let folder: String

    public init(profile: String) { folder = profile + "/agent" }

    /// The path of its socket.
    public var socket: String { folder + "/" + Self.socketName }

    /// What stands in the place of the folder, the socket or the lock, and is none of this user.
    var obstacle: AgentStranger? {
        Self.obstacle(folder, S_IFDIR) ?? Self.obstacle(socket, S_IFSOCK)
            ?? Self.obstacle(folder + "/" + Self.lockName, S_IFREG)
    }

    private static func obstacle(_ path: String, _ wanted: mode_t) -> AgentStranger? {
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return nil }
        let kind = found.st_mode & S_IFMT
        guard kind == wanted else { return AgentStranger(kind == S_IFLNK ? .link : .foreign, path) }
        return found.st_uid == geteuid() ? nil : AgentStranger(.otherUser, path)
    }

    /// Becomes the agent: takes the lock that only one process holds, and listens in place of a dead one.
    /// - Returns: `nil` when there is an agent.
    public func take() -> AgentSeat? {
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { return nil }
        let lockPath = folder + "/" + Self.lockName
        let lock = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard lock >= 0 else { return nil }
        // Of what no agent made others would say that none is here.
        guard Self.obstacle(lockPath, S_IFREG) == nil else {
            close(lock)
            return nil
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            return nil
        }
        let path = socket
        // Nobody listens at what an agent that was killed left behind: the lock says so.
        _ = unsafe unlink(path)
        guard let listener = UnixSocket.listen(in: folder, name: Self.socketName) else {
            close(lock)
            return nil
        }
        guard let seat = AgentSeat(listener: listener, lock: lock, path: path) else {
            close(listener)
            close(lock)
            return nil
        }
        return seat
    }

    /// Whether a process holds the agent's lock, whether it answers or not.
    public var isTaken: Bool {
        let lock = unsafe open(folder + "/" + Self.lockName, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard lock >= 0 else { return false }
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) != 0 else {
            flock(lock, LOCK_UN)
            return false
        }
        return true
    }
}
