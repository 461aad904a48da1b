#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that somebody names, or a pipe as a shell makes it for `<(…)`: opened without ever waiting for a writer that does not
/// come.
public struct InputFile: ~Copyable {
    public enum Refusal: Error {
        case unopenable
        /// Others may open it, and this user may not.
        case forbidden
        /// A pipe into which nobody writes.
        case silentPipe

        /// - Parameter number: What the system says to opening.
        init(errno number: Int32) { self = number == EACCES || number == EPERM ? .forbidden : .unopenable }
    }

    /// 1 s for whoever is to write into a pipe to open it.
    private static let patience = Duration.seconds(1)
    private static let pauseMicroseconds: UInt32 = 20_000

    public let descriptor: Int32
    /// What was read of a pipe to learn that somebody writes: it stands before everything else.
    public let beginning: UInt8?
    /// The type and mode, as `stat` gives them.
    let mode: mode_t

    public init(_ path: String) throws(Refusal) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Refusal(errno: errno) }
        var status = stat()
        let mode = unsafe fstat(descriptor, &status) == 0 ? status.st_mode : 0
        var beginning: UInt8?
        if mode & S_IFMT == S_IFIFO {
            do throws(Refusal) {
                beginning = try Self.firstByte(descriptor)
            } catch {
                close(descriptor)
                throw error
            }
            // From here on it waits for whoever writes, however long they take.
            _ = fcntl(descriptor, F_SETFL, 0)
        }
        (self.descriptor, self.mode, self.beginning) = (descriptor, mode, beginning)
    }

    deinit { close(descriptor) }

    /// - Returns: `nil` when somebody has opened the pipe and written nothing yet.
    private static func firstByte(_ pipe: Int32) throws(Refusal) -> UInt8? {
        let deadline = ContinuousClock.now + patience
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(pipe, &byte, 1)
            if count == 1 { return byte }
            if count < 0, errno == EAGAIN { return nil }
            guard ContinuousClock.now < deadline else { throw .silentPipe }
            usleep(pauseMicroseconds)
        }
    }

    /// What it is, when it is neither a file nor a pipe.
    public var otherKind: String? {
        switch mode & S_IFMT {
        case S_IFREG, S_IFIFO: nil
        case S_IFDIR: "a folder"
        case S_IFCHR, S_IFBLK: "a device"
        default: "no file"
        }
    }
}
