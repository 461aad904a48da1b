import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files that hold one key each: created exclusively, mode 0600, durable before anyone relies on them, refused when too open.
public enum KeyFile {
    /// Reads exactly `count` bytes.
    /// - Throws: ``SecretsError/Code/keyFileTooOpen`` when group or others may read it (checked on the open descriptor),
    ///   ``SecretsError/Code/keyFileUnreadable`` when it is missing or of another size.
    public static func read(_ path: String, count: Int) throws(SecretsError) -> SecretBytes {
        try read(path, counts: count...count)
    }

    /// Reads a whole file of 1 to `limit` bytes: a key in a form of somebody else's.
    /// - Throws: As ``read(_:count:)``.
    public static func read(_ path: String, atMost limit: Int) throws(SecretsError) -> SecretBytes {
        try read(path, counts: 1...limit)
    }

    private static func read(_ path: String, counts: ClosedRange<Int>) throws(SecretsError) -> SecretBytes {
        // O_NONBLOCK: a pipe in the place of a key file is refused below instead of waited for.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw SecretsError(.keyFileUnreadable, path: path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            counts.contains(Int(status.st_size))
        else { throw SecretsError(.keyFileUnreadable, path: path) }
        guard status.st_mode & 0o077 == 0 else { throw SecretsError(.keyFileTooOpen, path: path) }
        let count = Int(status.st_size)
        var complete = false
        let secret = unsafe SecretBytes(count: count) { buffer in
            var offset = 0
            while offset < count {
                let got = unsafe readBytes(descriptor, buffer.baseAddress! + offset, count - offset)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { return }
                offset += got
            }
            complete = true
        }
        guard complete else { throw SecretsError(.keyFileUnreadable, path: path) }
        return secret
    }

    /// Writes a new file; never over an existing one. Durable (file and directory) when it returns.
    ///
    /// A crash can leave an empty file of the name, which holds no key: the next creation fills it.
    /// - Throws: ``SecretsError/Code/keyFileExists`` or ``SecretsError/Code/keyFileUnwritable``.
    public static func create(_ path: String, holding secret: borrowing SecretBytes) throws(SecretsError) {
        let descriptor = try openEmpty(path)
        var written = unsafe secret.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let put = unsafe write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
                if put < 0 && errno == EINTR { continue }
                guard put > 0 else { return false }
                offset += put
            }
            return true
        }
        written = written && fsync(descriptor) == 0
        written = close(descriptor) == 0 && written
        guard written, synchronizeDirectory(FilePath(path).removingLastComponent().string) else {
            _ = unsafe unlink(path)
            throw SecretsError(.keyFileUnwritable, path: path)
        }
    }

    /// Opens a new file, or one that an interrupted creation left empty. Of two creators at once one finds it empty.
    private static func openEmpty(_ path: String) throws(SecretsError) -> CInt {
        let flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        var descriptor = unsafe open(path, flags | O_CREAT | O_EXCL, 0o600)
        if descriptor < 0 {
            guard errno == EEXIST else { throw SecretsError(.keyFileUnwritable, path: path) }
            descriptor = unsafe open(path, flags)
            guard descriptor >= 0 else { throw SecretsError(.keyFileExists, path: path) }
        }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_size == 0
        else {
            close(descriptor)
            throw SecretsError(.keyFileExists, path: path)
        }
        return descriptor
    }

    private static func synchronizeDirectory(_ path: String) -> Bool {
        let descriptor = unsafe open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}

/// `read(2)`, which ``KeyFile/read(_:count:)`` would otherwise hide.
private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, buffer, count)
}
