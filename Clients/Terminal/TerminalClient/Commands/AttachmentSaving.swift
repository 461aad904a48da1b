import DeviceKit
import Foundation

/// `read --save`: where the files of a message go.
struct AttachmentSaving {
    private let path: String
    private let number: Int?

    /// - Returns: `nil` when nothing is to be saved.
    /// - Throws: ``DeviceKitError`` for options that do not go together.
    init?(to path: String?, number: Int?) throws(DeviceKitError) {
        guard let path else {
            guard number == nil else {
                throw DeviceKitError(
                    "no_save", .usage, "--attachment says which file to save, and --save where to",
                    next: "add --save FILE, or --save FOLDER")
            }
            return nil
        }
        guard !path.isEmpty else {
            throw DeviceKitError("no_save", .usage, "--save is empty", next: "name a folder, for instance --save .")
        }
        self.path = path
        self.number = number
    }

    /// Saves, telling of each file that is there whole.
    func save(
        _ list: AttachmentList, _ session: DeviceSession, _ console: Console, saved: (Int, String) -> Void
    ) async throws {
        guard !list.files.isEmpty else {
            throw DeviceKitError("no_files", .notFound, "the message has no files", next: "leave --save out")
        }
        var isFolder = ObjCBool(false)
        let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if let number {
            guard list.files.indices.contains(number - 1) else {
                throw DeviceKitError(
                    "no_such_file", .notFound, "the message has \(AttachmentList.count(list.files.count))",
                    next: "choose --attachment from 1 to \(list.files.count)")
            }
            let file = list.files[number - 1]
            let target = isFolder.boolValue || path.hasSuffix("/") ? folder + "/" + file.fileName.text : path
            try await session.saveAttachment(file, to: target)
            saved(number, target)
            return
        }
        if exists, !isFolder.boolValue {
            throw DeviceKitError(
                "not_a_folder", .wouldOverwrite, "\"\(path)\" is no folder",
                next: "name a folder, or choose one file with --attachment 1")
        }
        if !exists { try makeFolder() }
        var names: Set<String> = []
        for file in list.files {
            var name = file.fileName
            var copy = 1
            while !names.insert(name.text.lowercased()).inserted {
                copy += 1
                name = file.fileName.numbered(copy)
            }
            let target = folder + "/" + name.text
            try await session.saveAttachment(file, to: target)
            saved(file.index + 1, target)
        }
    }

    private var folder: String {
        var folder = path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        return folder
    }

    private func makeFolder() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw DeviceKitError(
                "no_folder", .notFound, "the folder \"\(folder)\" is not there and cannot be made",
                next: "name a folder that is there")
        }
    }
}
