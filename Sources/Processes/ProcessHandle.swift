import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A process by its pidfd: no signal ever reaches whoever got its number afterwards.
public struct ProcessHandle: ~Copyable, Sendable {
    public let pid: Int32
    /// Readable once the process has ended.
    public let descriptor: Int32

    /// The process that connected a Unix socket.
    /// - Returns: `nil` when it has ended, cannot be signalled from here, or the kernel has no pidfds.
    public init?(peerOf socket: Int32) {
        // A process of another PID namespace has no number here, and no signal reaches it.
        guard let peer = SocketPeer(of: socket), peer.pid > 0 else { return nil }
        var descriptor = nb_peer_pidfd(socket)
        if descriptor < 0 { descriptor = nb_pidfd_open(peer.pid) }
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard nb_pidfd_signal(descriptor, 0) == 0 else {
            close(descriptor)
            return nil
        }
        pid = peer.pid
        self.descriptor = descriptor
    }

    /// A child of this process that was not yet waited for: until then the number is its own.
    public init?(child pid: Int32) {
        let descriptor = nb_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        self.pid = pid
        self.descriptor = descriptor
    }

    /// A process that another one has started, and says so.
    /// - Returns: `nil` when it has ended, and perhaps its number is somebody else's.
    public init?(of pid: Int32, childOf parent: Int32) {
        let descriptor = nb_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        // Of the process that this is from now on: looked up before, it could have been another's.
        guard ProcessStat(of: pid)?.parent == parent else {
            close(descriptor)
            return nil
        }
        self.pid = pid
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Ends it and whatever is left of the process group that it leads. Nothing happens when it has ended.
    public func endGroup() {
        // While it is there, its number is nobody else's.
        guard !hasEnded else { return }
        kill(-pid, SIGKILL)
        signal(SIGKILL)
    }

    /// Whether it has ended.
    public var hasEnded: Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&wanted, 1, 0) == 1
    }

    /// Whether it is stopped (SIGSTOP, Ctrl-Z): it hears nothing then.
    public var isStopped: Bool { !hasEnded && ProcessStat(of: pid)?.state == UInt8(ascii: "T") }

    /// Sends a signal; nothing happens when it has ended.
    public func signal(_ number: Int32) { _ = nb_pidfd_signal(descriptor, number) }
}

/// Who is at the other end of a Unix socket, by the kernel's word.
public struct SocketPeer: Sendable, Equatable {
    public let pid: Int32
    public let user: UInt32

    /// - Returns: `nil` when this is no connected Unix socket.
    public init?(of socket: Int32) {
        var pid: Int32 = 0
        var user: UInt32 = 0
        guard unsafe nb_peer(socket, &pid, &user) == 0 else { return nil }
        self.pid = pid
        self.user = user
    }

    /// Whether it is the user whom this process works for. Not even root may ask.
    public var isOurs: Bool { user == geteuid() }
}
