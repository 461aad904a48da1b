#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bell of the terminal that standard error goes to.
enum TerminalBell {
    static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Rings it; says nothing to a file or a pipe.
    @Sendable static func ring() {
        guard hasTerminal else { return }
        TerminalWriter.put([7], to: STDERR_FILENO, atOnce: true)
    }
}
