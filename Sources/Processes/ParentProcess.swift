#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whoever started this process.
public enum ParentProcess {
    /// Whether it is stopped (SIGSTOP, Ctrl-Z): it hears nothing then.
    public static var isStopped: Bool { ProcessStat(of: getppid())?.state == UInt8(ascii: "T") }
}
