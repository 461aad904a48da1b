import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

// What is written to a standard descriptor that was closed must not get into a file of the profile that took its number: in
// its place stands something that gives nothing and takes nothing.
func fillStandardDescriptors() {
    var descriptor: Int32
    repeat { descriptor = unsafe open("/dev/null", O_RDONLY) } while (0...2).contains(descriptor)
    if descriptor > 2 { close(descriptor) }
}
fillStandardDescriptors()

// Nothing that this program makes is for others; a reader that goes away is told by an error, not by a signal.
umask(0o077)
signal(SIGPIPE, SIG_IGN)

await NightbellCommand.start()
