#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
import Sealing
import Secrets

/// A file outside the profile: mode 0600, whole or not there, never over another.
enum PlainFile {
    /// - Throws: ``DeviceKitError`` when something has that name, or its folder is not there.
    static func checkIsFree(_ path: String) throws(DeviceKitError) {
        guard !SecureFolder.exists(path) else { throw taken(path) }
        let folder = SecureFolder.folder(of: path)
        guard SecureFolder.exists(folder) else {
            throw DeviceKitError(
                "no_folder", .notFound, "the folder \"\(folder)\" is not there", next: "make it, or name another")
        }
    }

    /// Whether a file is what a description says.
    static func holds(_ path: String, _ description: AttachmentDescription?) -> Bool {
        guard let description, SecureFolder.exists(path), let reader = try? FileReader(path),
            reader.byteCount == Int(description.byteCount), let (_, hash) = try? OutgoingFile.measure(reader)
        else { return false }
        return hash == description.hash
    }

    /// Writes beside the name, and gives the name when all is on the disk. An interrupted one is written over by the next.
    static func write(_ source: some ByteSource, to path: String) throws {
        let beside = path + ".nightbell-part"
        do {
            let writer = try FileWriter(beside, .empty)
            while true {
                var chunk = try source.next(Attachment.chunkByteCount)
                defer { wipe(&chunk) }
                try writer.write(chunk)
                if chunk.count < Attachment.chunkByteCount { break }
            }
            try writer.synchronize()
            try name(beside, path)
        } catch {
            _ = unsafe unlink(beside)
            throw error
        }
    }

    private static func name(_ beside: String, _ path: String) throws(DeviceKitError) {
        if unsafe link(beside, path) == 0 {
            _ = unsafe unlink(beside)
        } else if errno == EEXIST {
            throw taken(path)
        } else {
            // A file system without hard links, such as that of a memory stick.
            guard !SecureFolder.exists(path) else { throw taken(path) }
            guard unsafe rename(beside, path) == 0 else { throw FileWriter.unwritable(path) }
        }
        // Some file systems cannot synchronise a folder; the file itself is on the disk.
        try? SecureFolder.synchronize(SecureFolder.folder(of: path))
    }

    private static func taken(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "would_overwrite", .wouldOverwrite, "\"\(path)\" is there already, and nothing is written over",
            next: "name another file or folder")
    }
}
