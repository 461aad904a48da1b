import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One process's hold on a data directory: `flock` on `relay.lock`.
///
/// Ends when this object is released or the process dies, however it dies. The file stays: removing it would let two
/// processes hold two files of the same name.
public final class DataDirectoryLock: Sendable {
    private let file: FileDescriptor

    init(_ path: FilePath) throws(OperationsError) {
        do {
            file = try FileDescriptor.open(
                path, .readWrite, options: [.create, .closeOnExec, .noFollow], permissions: DurableFile.ownerOnly)
        } catch {
            throw DurableFile.unusable("lock", path, error)
        }
        // From here on deinit closes the file, also when this throws.
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let cause = Errno(rawValue: errno)
            if cause == .interrupted { continue }
            guard cause == .wouldBlock else { throw DurableFile.unusable("lock", path, cause) }
            let holder = Self.holder(path).map { " (process \($0))" } ?? ""
            throw OperationsError(
                .dataInUse, "another nightbell-relay\(holder) uses \"\(path.removingLastComponent())\"",
                next: "stop it first, or name another directory with --data")
        }
        // For people who look; nothing depends on it.
        _ = ftruncate(file.rawValue, 0)
        _ = try? file.writeAll(Array("\(getpid())\n".utf8))
    }

    deinit {
        try? file.close()
    }

    private static func holder(_ path: FilePath) -> Int32? {
        guard let bytes = try? DurableFile.read(path, limit: 32) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
