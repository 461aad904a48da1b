#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension SecureFolder {
    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The names in a folder are on the disk when this returns.
    /// - Throws: ``DeviceKitError``.
    static func synchronize(_ folder: String) throws(DeviceKitError) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileWriter.unwritable(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileWriter.unwritable(folder) }
    }

    /// Gives a file its name, durably.
    /// - Throws: ``DeviceKitError``.
    static func move(_ path: String, to name: String) throws(DeviceKitError) {
        guard unsafe rename(path, name) == 0 else { throw FileWriter.unwritable(name) }
        try synchronize(folder(of: name))
    }

    /// A file's size; 0 when it is not there.
    static func size(of path: String) -> UInt64 {
        var result = stat()
        return unsafe lstat(path, &result) == 0 ? UInt64(result.st_size) : 0
    }
}
