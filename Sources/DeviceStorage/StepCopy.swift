#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The plain copy of the step log, for people and their tools: NDJSON, appended after each commit.
///
/// The table is what is true. A copy that is behind is brought up; one that is not a beginning of the table by length is
/// written anew.
struct StepCopy: Sendable {
    let path: String

    /// Appends what is missing. Called under the profile's lock.
    func follow(_ store: StoreSnapshot) throws {
        let found = try opened(O_WRONLY | O_CREAT | O_APPEND)
        var descriptor = found.descriptor
        defer { close(descriptor) }
        var number = try store.stepNumber(endingAt: found.size)
        if number == nil {
            let emptied = try opened(O_WRONLY | O_TRUNC | O_APPEND)
            close(descriptor)
            descriptor = emptied.descriptor
            number = 0
        }
        var bytes: [UInt8] = []
        for step in try store.steps(after: number ?? 0) {
            bytes.append(contentsOf: step.line)
            bytes.append(UInt8(ascii: "\n"))
        }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw DeviceStorageError(.unusable, place: path) }
            written += count
        }
    }

    private func opened(_ flags: Int32) throws(DeviceStorageError) -> (descriptor: Int32, size: Int64) {
        // Without waiting for a reader, should it be a pipe.
        let descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw DeviceStorageError([ELOOP, EISDIR, ENXIO].contains(errno) ? .notAFile : .unusable, place: path)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw DeviceStorageError(.notAFile, place: path)
        }
        return (descriptor, Int64(status.st_size))
    }
}
