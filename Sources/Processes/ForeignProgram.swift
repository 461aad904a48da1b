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
        var plan = SpawnPlan()
        plan.detachStandardDescriptors()
        return plan.start(
            path, arguments, environment: environment.map { "\($0.key)=\($0.value)" }, closingFrom: 3,
            flags: Int16(POSIX_SPAWN_SETPGROUP))
    }
}
