import Foundation

/// Starts programs without Foundation, whose way to wait for their end looks only every 50 ms.
enum Spawn {
    /// Where a standard descriptor of the program leads: a file to open, or a descriptor of ours.
    enum Standard {
        case file(String, Int32)
        case descriptor(Int32)
    }

    /// `POSIX_SPAWN_SETSID`, which the header shows to `_GNU_SOURCE` alone.
    static let newSession: Int16 = 0x80

    static func start(
        _ program: String, _ arguments: [String], standards: [Standard], environment added: [String: String] = [:],
        flags: Int16 = 0
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (number, standard) in standards.enumerated() {
            switch standard {
            case .file(let path, let mode):
                unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), path, mode, 0)
            case .descriptor(let descriptor):
                unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            }
        }
        unsafe posix_spawnattr_setflags(&attributes, flags)
        let environment = ProcessInfo.processInfo.environment.merging(added) { $1 }
        let words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        let copies = unsafe words + variables
        defer { for place in unsafe copies.indices { unsafe free(copies[place]) } }
        var pid: pid_t = 0
        guard unsafe posix_spawn(&pid, program, &actions, &attributes, words, variables) == 0 else {
            throw BenchFailure.programFailed
        }
        return pid
    }

    /// Waits until it has ended.
    static func end(_ pid: pid_t) throws {
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, 0) == pid, status == 0 else { throw BenchFailure.programFailed }
    }
}
