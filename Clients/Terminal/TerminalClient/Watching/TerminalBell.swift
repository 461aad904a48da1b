#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bell of the terminal that standard error goes to.
enum TerminalBell {
    /// Rings it; says nothing to a file or a pipe.
    @Sendable static func ring() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        let bell: [UInt8] = [7]
        unsafe bell.withUnsafeBytes { unsafe _ = write(STDERR_FILENO, $0.baseAddress!, 1) }
    }
}
