import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Keeps what a process holds in its memory out of files and away from other processes of the same user.
public enum ProcessShield {
    /// No core dump (neither by the limit nor by the attribute), no debugger, no `/proc/PID/mem` but for root; and no
    /// backtracer of the Swift runtime, which would print registers, and memory beside them, to the terminal or a log.
    ///
    /// To be raised before the first secret is read: the attribute does not survive `exec`, so every program does it anew.
    public static func raise() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = nb_forbid_dumping()
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
    }

    /// Whether it is up.
    public static var isUp: Bool { nb_is_dumpable() == 0 }
}
