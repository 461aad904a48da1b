import CLinux

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
    /// - Returns: The id of the child, and of its process group; `nil` when it could not be started. It has `/dev/null` as its
    ///   standard descriptors and no other, and every signal as it is by default.
    public static func start(_ path: String, _ arguments: [String], environment: [String: String]) -> Int32? {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for number in 0...2 {
            unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
        }
        _ = unsafe nb_spawn_close_from(&actions, 3)
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var usual = none
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGWINCH] {
            unsafe sigaddset(&usual, signal)
        }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for place in unsafe words.indices { unsafe free(words[place]) }
            for place in unsafe variables.indices { unsafe free(variables[place]) }
        }
        var pid: pid_t = 0
        return unsafe posix_spawn(&pid, path, &actions, &attributes, words, variables) == 0 ? pid : nil
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
    public static func endGroup(of pid: Int32) -> End {
        // First the group, while nobody else can have its number.
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return .lost }
        }
        let signal = status & 0x7F
        return signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    }

    /// How a child ended.
    public enum End: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
        /// Somebody else waited for it.
        case lost
    }
}
