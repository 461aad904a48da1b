#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Starts a program the way a shell does: in a process group of its own, with nothing of this process but the three
/// standard descriptors, and with every signal as it is by default, whatever the libraries of this process have set.
///
/// Foundation's `Process` is not used: it missed the end of programs that end at once.
enum Spawn {
    /// - Parameters:
    ///   - input, output, error: What the program has as its standard descriptors; `nil` is `/dev/null`.
    /// - Returns: The process's id. Whoever starts it waits for it with ``end(of:before:)``.
    static func start(
        _ program: String, _ arguments: [String], environment: [String: String], input: Int32? = nil,
        output: Int32? = nil, error: Int32? = nil
    ) throws -> Int32 {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = unsafe posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, descriptor) in [input, output, error].enumerated() {
            if let descriptor {
                unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            } else {
                unsafe posix_spawn_file_actions_addopen(
                    &actions, Int32(number), "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
            }
        }
        var flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        #if canImport(Darwin)
            flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
            guard let closeFrom = unsafe Self.closeFrom else { throw PreparationFailed("glibc is older than 2.34") }
            _ = unsafe closeFrom(&actions, 3)
        #endif
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var usual = none
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT] { unsafe sigaddset(&usual, signal) }
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        let copies = unsafe words + variables
        defer { unsafe release(copies) }
        var pid: pid_t = 0
        let failure = unsafe posix_spawn(&pid, program, &actions, &attributes, words, variables)
        guard failure == 0 else { throw PreparationFailed("\(program) does not start: error \(failure)") }
        return pid
    }

    private static func release(_ copies: [UnsafeMutablePointer<CChar>?]) {
        for place in unsafe copies.indices { unsafe free(copies[place]) }
    }

    #if canImport(Glibc)
        /// `posix_spawn_file_actions_addclosefrom_np`, which the header shows to `_GNU_SOURCE` alone.
        private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        private static let closeFrom: CloseFrom? = unsafe dlsym(
            nil, "posix_spawn_file_actions_addclosefrom_np"
        ).map { unsafe unsafeBitCast($0, to: CloseFrom.self) }
    #endif

    /// Waits for a process's end on the calling thread.
    /// - Parameter release: Called when it has ended and its id is still its own; the id is somebody else's afterwards.
    /// - Returns: The exit status; 128 + the signal's number when a signal ended it.
    static func end(of pid: Int32, before release: (_ reap: () -> Int32) -> Void) {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        release {
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }
    }
}

/// A pipe whose ends no program inherits by chance.
struct ChildPipe: Sendable {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw PreparationFailed("no pipe: error \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }

    /// Reads on the calling thread until nobody can write any more, and closes the end.
    static func readAll(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress!, $0.count) }
            if count > 0 {
                take(buffer[..<count])
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        close(descriptor)
    }
}
