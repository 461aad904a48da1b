import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small files that must be whole after a crash: written beside their place, made durable, then renamed into it.
enum DurableFile {
    /// The mode of what only the relay's user may read.
    static let ownerOnly: FilePermissions = .ownerReadWrite

    /// Reads a whole file.
    /// - Returns: `nil` when there is none.
    /// - Throws: ``OperationsError/Code/fileUnusable`` when it is longer than `limit`, no regular file or unreadable.
    static func read(_ path: FilePath, limit: Int) throws(OperationsError) -> [UInt8]? {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            return try file.closeAfter {
                let status = try Stat(file)
                guard status.type == .regular, status.size <= limit else { throw Errno.fileTooLarge }
                var bytes: [UInt8] = []
                while bytes.count <= limit {
                    let part = try unsafe [UInt8](unsafeUninitializedCapacity: min(65_536, limit + 1)) {
                        buffer, count in
                        count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
                    }
                    guard !part.isEmpty else { return bytes }
                    bytes += part
                }
                throw Errno.fileTooLarge
            }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw unusable("read", path, error)
        }
    }

    /// Writes a new file, never over an existing one. Durable, with its name, when this returns.
    static func create(_ path: FilePath, _ bytes: [UInt8], permissions: FilePermissions) throws(OperationsError) {
        do {
            try write(bytes, to: path, options: [.create, .exclusiveCreate], permissions: permissions)
        } catch Errno.fileExists {
            throw OperationsError(
                .wouldOverwrite, "\"\(path)\" exists already", next: "move it away if it is no longer needed")
        } catch {
            throw unusable("write", path, error)
        }
        try synchronize(directory: path.removingLastComponent())
    }

    /// Puts `bytes` in the place of what is there: after a crash the file holds the old bytes or the new, never a part.
    static func replace(_ path: FilePath, with bytes: [UInt8]) throws(OperationsError) {
        let fresh = temporary(for: path)
        do {
            try write(bytes, to: fresh, options: [.create, .truncate], permissions: ownerOnly)
            guard unsafe rename(fresh.string, path.string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw unusable("write", path, error)
        }
        try synchronize(directory: path.removingLastComponent())
    }

    /// Where ``replace(_:with:)`` writes first. A crash may leave it; the next write uses it again.
    static func temporary(for path: FilePath) -> FilePath { FilePath(path.string + ".new") }

    /// Makes a directory that only its owner may enter. Durable when this returns.
    static func makeDirectory(_ path: FilePath) throws(OperationsError) {
        guard unsafe mkdir(path.string, 0o700) == 0 else { throw unusable("make", path, Errno(rawValue: errno)) }
        try synchronize(directory: path.removingLastComponent())
    }

    /// Removes a file if it is there. Durable only after ``synchronize(directory:)``.
    static func remove(_ path: FilePath) throws(OperationsError) {
        guard unsafe unlink(path.string) == 0 || errno == ENOENT else {
            throw unusable("remove", path, Errno(rawValue: errno))
        }
    }

    /// Makes the names in a directory durable.
    static func synchronize(directory path: FilePath) throws(OperationsError) {
        let directory = path.isEmpty ? FilePath(".") : path
        do {
            let file = try FileDescriptor.open(directory, .readOnly, options: [.closeOnExec, .directory])
            try file.closeAfter { try flush(file) }
        } catch {
            throw unusable("write", directory, error)
        }
    }

    /// The names in a directory, sorted, without `.` and `..`.
    static func names(in path: FilePath) throws(OperationsError) -> [String] {
        guard let directory = unsafe opendir(path.string) else {
            throw unusable("read", path, Errno(rawValue: errno))
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func unusable(_ verb: String, _ path: FilePath, _ error: any Error) -> OperationsError {
        let cause = (error as? Errno)?.description ?? "it does not have the expected form"
        return OperationsError(
            .fileUnusable, "cannot \(verb) \"\(path)\": \(cause)", next: "check the path, its owner and the free space")
    }

    private static func write(
        _ bytes: [UInt8], to path: FilePath, options: FileDescriptor.OpenOptions, permissions: FilePermissions
    ) throws {
        let file = try FileDescriptor.open(
            path, .writeOnly, options: options.union([.closeOnExec, .noFollow]), permissions: permissions)
        try file.closeAfter {
            try file.writeAll(bytes)
            try flush(file)
        }
    }

    private static func flush(_ file: FileDescriptor) throws {
        while fsync(file.rawValue) != 0 {
            let cause = Errno(rawValue: errno)
            guard cause == .interrupted else { throw cause }
        }
    }
}
