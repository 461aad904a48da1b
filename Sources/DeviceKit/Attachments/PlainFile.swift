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

    /// Writes all of it before it has the name.
    /// - Parameter isNameless: Whether to try without any name until then.
    static func write(_ source: some ByteSource, to path: String, isNameless: Bool = true) throws {
        let file = try NewFile(for: path, isNameless: isNameless)
        while true {
            var chunk = try source.next(Attachment.chunkByteCount)
            defer { wipe(&chunk) }
            try file.writer.write(chunk)
            if chunk.count < Attachment.chunkByteCount { break }
        }
        try file.takeName()
    }

    static func taken(_ path: String) -> DeviceKitError {
        DeviceKitError(
            "would_overwrite", .wouldOverwrite, "\"\(path)\" is there already, and nothing is written over",
            next: "name another file or folder")
    }
}
