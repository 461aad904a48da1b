#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that somebody else may have put there: not a link, nor anything else that looks like a file.
public enum BoundedFile {
    /// All of it, straight into what is given: a log of millions is read so.
    /// - Parameter limit: In bytes.
    /// - Returns: `nil` when there is none, when it is longer, or cannot be read to its end.
    public static func bytes(of path: String, limit: Int) -> [UInt8]? {
        // A pipe waits for nobody.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            return nil
        }
        let size = Int(status.st_size)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
            while count < size {
                let taken = unsafe read(descriptor, output.baseAddress! + count, size - count)
                if taken < 0, errno == EINTR { continue }
                guard taken > 0 else { return }
                count += taken
            }
        }
        // One that became shorter meanwhile is not the one that was looked at.
        return bytes.count == size ? bytes : nil
    }
}
