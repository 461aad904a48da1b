#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
import Foundation
import SystemPackage

/// The files of a profile: a folder of mode 0700 with files of mode 0600, refused when others could read them.
enum SecureFolder {
    /// Makes the folder, and those above it, when it is missing. Durable, with its name, when this returns.
    /// - Throws: ``DeviceKitError``.
    static func make(_ path: String) throws(DeviceKitError) {
        guard !isHidden(path) else { throw foreign(path) }
        guard makeDurably(path) else {
            throw DeviceKitError(
                "profile_not_created", .configuration, "the profile folder \"\(path)\" cannot be made",
                next: "choose another folder with --profile DIR")
        }
        do throws(DeviceKitError) {
            try check(path)
        } catch {
            throw error.code == "profile_missing" ? unusable(path) ?? error : error
        }
    }

    /// Why no profile is made in a folder that is there.
    /// - Returns: `nil` when that has another reason than who else may look into it.
    private static func unusable(_ path: String) -> DeviceKitError? {
        guard let folder = status(path), folder.st_mode & S_IFMT == S_IFDIR else { return nil }
        let isEmpty = (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? false
        // One that all share is not to be closed to others.
        guard !isEmpty || folder.st_mode & S_ISVTX != 0 else { return tooOpen(path, folder, repair: "700") }
        return DeviceKitError(
            "profile_not_created", .configuration,
            "no profile is made in \"\(path)\": the folder is others' as well (mode \(mode(folder)))",
            next: "name a folder that is not there yet: --profile '\(path)/nightbell'")
    }

    private static func mode(_ status: stat) -> String { String(status.st_mode & 0o777, radix: 8) }

    private static func tooOpen(_ path: String, _ status: stat, repair: String) -> DeviceKitError {
        DeviceKitError(
            "profile_too_open", .refused, "\"\(path)\" can be read by others (mode \(mode(status)))",
            next: "run: chmod \(repair) '\(path)'")
    }

    private static func makeDurably(_ path: String) -> Bool {
        guard !exists(path), !path.isEmpty else { return true }
        if let slash = path.lastIndex(of: "/"), !makeDurably(String(path[..<slash])) { return false }
        // Another command may have been faster.
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { return false }
        return synchronizeFolder(of: path)
    }

    /// - Throws: ``DeviceKitError`` when the folder or a file in it is not ours alone.
    static func check(_ path: String) throws(DeviceKitError) {
        guard let folder = status(path) else { throw missing(path, in: path) }
        guard folder.st_mode & S_IFMT != S_IFLNK else {
            throw DeviceKitError(
                "profile_linked", .configuration, "\"\(path)\" is a symbolic link, and no profile",
                next: "name the folder itself: --profile \"$(readlink -f '\(path)')\"")
        }
        guard folder.st_mode & S_IFMT == S_IFDIR else { throw missing(path, in: path) }
        do throws(DeviceKitError) {
            try checkContents(of: path, folder)
        } catch {
            // To close a folder that is no profile, as the one of all programs, would lock others out.
            throw ["profile_too_open", "profile_file_linked"].contains(error.code) && !isProfile(path)
                ? missing(path, in: path) : error
        }
    }

    private static func checkContents(of path: String, _ folder: stat) throws(DeviceKitError) {
        try check(path, folder, repair: "700")
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            let file = path + "/" + name
            guard let status = status(file) else { continue }
            try check(file, status, repair: status.st_mode & S_IFMT == S_IFDIR ? "700" : "600")
        }
    }

    /// Whether a profile is there, or what is left of one that was revoked or damaged.
    static func isProfile(_ path: String) -> Bool {
        ["profile.json", "store.sqlite", RevocationRecord.fileName].contains { status(path + "/" + $0) != nil }
    }

    private static func check(_ path: String, _ status: stat, repair: String) throws(DeviceKitError) {
        guard status.st_uid == geteuid() else { throw foreign(path) }
        // Its mode says nothing, and to change that would change another file's.
        guard status.st_mode & S_IFMT != S_IFLNK else {
            throw DeviceKitError(
                "profile_file_linked", .refused,
                "\"\(path)\" is a symbolic link, and Nightbell makes none: somebody put it in the place of a profile's file",
                next: "find out who did; put the file itself there, or remove the link: rm '\(path)'")
        }
        guard status.st_mode & 0o077 == 0 else { throw tooOpen(path, status, repair: repair) }
    }

    /// Why a file of a profile, or its folder, is not found.
    static func missing(_ path: String, in directory: String) -> DeviceKitError {
        missing(directory, because: isHidden(path) ? EACCES : ENOENT)
    }

    static func missing(_ directory: String, because error: Int32) -> DeviceKitError {
        guard error != EACCES else { return foreign(directory) }
        return DeviceKitError(
            "profile_missing", .configuration, "there is no profile in \"\(directory)\"",
            next: "join with \"nightbell join INVITATION\", or name another folder with --profile DIR")
    }

    private static func foreign(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "profile_foreign", .refused, "\"\(path)\" belongs to another user, and is not opened",
            next: "use a profile of your own: name its folder with --profile DIR, or leave --profile out")
    }

    /// Whether a folder above it is closed to this user: then what lies there is somebody else's.
    private static func isHidden(_ path: String) -> Bool {
        var result = stat()
        return unsafe lstat(path, &result) != 0 && errno == EACCES
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }

    private static func status(_ path: String) -> stat? {
        var result = stat()
        return unsafe lstat(path, &result) == 0 ? result : nil
    }

    /// Reads a small file, or `nil` when it is missing.
    /// - Throws: ``DeviceKitError`` when it cannot be read or is larger than `bound`.
    static func read(_ path: String, bound: Int = 1 << 20) throws(DeviceKitError) -> [UInt8]? {
        guard exists(path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path), data.count <= bound else {
            throw DeviceKitError(
                "file_unreadable", .configuration, "\"\(path)\" cannot be read, or has more than \(bound) bytes",
                next: "check the file")
        }
        return [UInt8](data)
    }

    /// Replaces a file in one step: written beside, synchronised, renamed, and the folder synchronised.
    /// - Parameter destroysFormer: Whether what it replaces holds a secret: then zeros are written over that, and over what a
    ///   crash left beside. Under a lock only: of two at once, one would write zeros over what the other makes. Whoever reads
    ///   it at that moment may find zeros, and must read again.
    /// - Throws: ``DeviceKitError``.
    static func replace(_ path: String, with bytes: [UInt8], destroysFormer: Bool = false) throws(DeviceKitError) {
        let beside = path + ".new"
        var former: Int32 = -1
        if destroysFormer {
            try overwrite(beside)
            _ = unsafe unlink(beside)
            // By its name it cannot be found any more once it is replaced.
            former = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
            guard former >= 0 || errno == ENOENT else { throw unwritable(path) }
        }
        defer { if former >= 0 { close(former) } }
        let descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw unwritable(path) }
        var written = write(bytes, to: descriptor) && fsync(descriptor) == 0
        written = close(descriptor) == 0 && written
        guard written, unsafe rename(beside, path) == 0, synchronizeFolder(of: path) else { throw unwritable(path) }
        if former >= 0 { try overwrite(former, path) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        (try? FileDescriptor(rawValue: descriptor).writeAll(bytes)) != nil
    }

    /// Writes zeros over a file where it stands, durably: what replaces it by its name leaves the old blocks as they were.
    /// A flash disk may keep them all the same.
    /// - Throws: ``DeviceKitError``.
    static func overwrite(_ path: String) throws(DeviceKitError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw unwritable(path) }
            return
        }
        defer { close(descriptor) }
        try overwrite(descriptor, path)
    }

    private static func overwrite(_ descriptor: Int32, _ path: String) throws(DeviceKitError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            write([UInt8](repeating: 0, count: Int(status.st_size)), to: descriptor), fsync(descriptor) == 0
        else { throw unwritable(path) }
    }

    /// Removes everything in a folder but what is named; durable when this returns.
    /// - Throws: ``DeviceKitError`` when something is still there.
    static func removeAll(in path: String, but kept: Set<String>) throws(DeviceKitError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where !kept.contains(name) {
            try? FileManager.default.removeItem(atPath: path + "/" + name)
            guard !exists(path + "/" + name) else {
                throw DeviceKitError(
                    "not_removed", .failed, "\"\(path)/\(name)\" cannot be removed",
                    next: "remove the folder \"\(path)\" by hand: this device was revoked, and its key is destroyed")
            }
        }
        guard synchronizeFolder(of: path + "/") else { throw unwritable(path) }
    }

    private static func synchronizeFolder(of path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private static func unwritable(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "file_unwritable", .failed, "\"\(path)\" cannot be written durably",
            next: "check free space and permissions of its folder")
    }
}
