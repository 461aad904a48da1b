import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

// Nothing that this program makes is for others; a reader that goes away is told by an error, not by a signal.
umask(0o077)
signal(SIGPIPE, SIG_IGN)

await NightbellCommand.start()
