#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
import Secrets

/// A file on its way to a name that nobody has: whole under it, or not there.
///
/// Until then it has no name at all, so that it meets nobody else's file and a crash leaves nothing. Where the file system
/// cannot do that, it has a random one in the same folder. What others made is never opened, shortened or removed.
final class NewFile {
    let writer: FileWriter
    private let path: String
    private let descriptor: Int32
    /// Its name until it has its own; `nil` when it has none.
    private var beside: String?

    /// - Parameter isNameless: Whether to try without a name.
    /// - Throws: ``DeviceKitError`` when it cannot be made.
    init(for path: String, isNameless: Bool = true) throws(DeviceKitError) {
        self.path = path
        let folder = SecureFolder.folder(of: path)
        if isNameless, let nameless = Self.nameless(in: folder) {
            descriptor = nameless
        } else {
            let name = folder + "/" + Hex.encode(randomBytes(8)) + ".nightbell-part"
            descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw FileWriter.unwritable(path) }
            beside = name
        }
        writer = FileWriter(path, descriptor)
    }

    deinit { if let beside { _ = unsafe unlink(beside) } }

    /// Gives it its name, durably, once all of it is on the disk.
    /// - Throws: ``DeviceKitError``, `would_overwrite` when something has that name.
    func takeName() throws(DeviceKitError) {
        try writer.synchronize()
        if let beside { try takeName(from: beside) } else { try takeFirstName() }
        // Some file systems cannot synchronise a folder; the file itself is on the disk.
        try? SecureFolder.synchronize(SecureFolder.folder(of: path))
    }

    private func takeFirstName() throws(DeviceKitError) {
        guard unsafe linkat(AT_FDCWD, Self.place(of: descriptor), AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 else {
            throw errno == EEXIST ? PlainFile.taken(path) : FileWriter.unwritable(path)
        }
    }

    private func takeName(from beside: String) throws(DeviceKitError) {
        if unsafe link(beside, path) == 0 { return }
        guard errno != EEXIST else { throw PlainFile.taken(path) }
        // A file system without hard links, such as that of a memory stick: the name is taken by an empty file of ours first,
        // for to rename would write over whoever took it meanwhile.
        let reserved = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard reserved >= 0 else { throw errno == EEXIST ? PlainFile.taken(path) : FileWriter.unwritable(path) }
        close(reserved)
        guard unsafe rename(beside, path) == 0 else {
            _ = unsafe unlink(path)
            throw FileWriter.unwritable(path)
        }
        self.beside = nil
    }

    /// A file without a name, if it can be given one later.
    private static func nameless(in folder: String) -> Int32? {
        #if os(Linux)
            // O_TMPFILE, a macro that Swift does not see.
            let descriptor = unsafe open(folder, O_WRONLY | O_CLOEXEC | O_DIRECTORY | 0o20000000, 0o600)
            guard descriptor >= 0 else { return nil }
            guard SecureFolder.exists(place(of: descriptor)) else {
                close(descriptor)
                return nil
            }
            return descriptor
        #else
            return nil
        #endif
    }

    /// How the system names an open file.
    private static func place(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
