#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Starts a program that is not ours: directly, without a shell, in a process group of its own.
public enum ForeignProgram {
    /// - Parameters:
    ///   - path: Of the program; names are not looked for.
    ///   - arguments: The first is the program's name as it sees it. Never a secret.
    ///   - environment: The whole of it.
    /// - Returns: The id of the child, and of its process group. It has `/dev/null` as its
    ///   standard descriptors and no other, and every signal as it is by default.
    /// - Throws: When it could not be started.
    public static func start(
        _ path: String, _ arguments: [String], environment: [String: String]
    ) throws(StartFailure) -> Int32 {
        var plan = SpawnPlan()
        plan.detachStandardDescriptors()
        return try plan.start(
            path, arguments, environment: environment.map { "\($0.key)=\($0.value)" }, closingFrom: 3,
            flags: Int16(POSIX_SPAWN_SETPGROUP))
    }

    /// Whether a child has ended. It is not taken from the kernel's list yet: until ``endGroup(of:)`` its number, and that of
    /// its group, are nobody else's.
    /// - Returns: `nil` when there is no such child.
    public static func hasEnded(_ pid: Int32) -> Bool? {
        var ended = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 {
            guard errno == EINTR else { return nil }
        }
        return unsafe ended.si_signo == SIGCHLD
    }

    /// Ends a child that was not yet waited for, with whatever is left of its process group, and waits for it.
    /// - Returns: How it had ended, or was ended by this.
    public static func endGroup(of pid: Int32) -> ProcessEnd {
        // First the group, while nobody else can have its number.
        kill(-pid, SIGKILL)
        return ProcessEnd(waitingFor: pid)
    }
}
