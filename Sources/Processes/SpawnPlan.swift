import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a child process begins: its descriptors, and every signal as it is by default, none blocked.
@safe struct SpawnPlan: ~Copyable {
    private var actions = unsafe posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()
    private static let signals = [
        SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT, SIGTSTP, SIGTTOU, SIGTTIN, SIGWINCH,
    ]

    init() {
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
    }

    deinit {
        var actions = unsafe actions
        var attributes = attributes
        unsafe posix_spawn_file_actions_destroy(&actions)
        unsafe posix_spawnattr_destroy(&attributes)
    }

    /// `/dev/null` as the standard descriptors.
    mutating func detachStandardDescriptors() {
        for number in 0...2 {
            unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
        }
    }

    mutating func handOver(_ descriptor: Int32, as number: Int32) {
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    }

    /// Starts the program.
    /// - Parameters:
    ///   - environment: `NAME=value` each; `nil` for the parent's own.
    ///   - first: The first descriptor that the child does not get.
    ///   - flags: Of `posix_spawnattr_setflags`, beside those for signals. With `POSIX_SPAWN_SETPGROUP` the group is its own.
    /// - Returns: The child's id.
    /// - Throws: When it could not be started.
    mutating func start(
        _ path: String, _ arguments: [String], environment: [String]? = nil, closingFrom first: Int32, flags: Int16
    ) throws(StartFailure) -> Int32 {
        _ = unsafe nb_spawn_close_from(&actions, first)
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var usual = none
        for signal in Self.signals { unsafe sigaddset(&usual, signal) }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, flags | Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe $0.map { unsafe strdup($0) } + [nil] }
        defer {
            for place in unsafe words.indices { unsafe free(words[place]) }
            if let variables = unsafe variables {
                for place in unsafe variables.indices { unsafe free(variables[place]) }
            }
        }
        var pid: pid_t = 0
        let failure =
            if let variables = unsafe variables {
                unsafe posix_spawn(&pid, path, &actions, &attributes, words, variables)
            } else {
                unsafe posix_spawn(&pid, path, &actions, &attributes, words, environ)
            }
        guard failure == 0 else { throw StartFailure(failure) }
        return pid
    }
}
