import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A new folder that is filled beside its place and moved there when it is whole: under its name it exists complete and
/// durable, or not at all.
struct DurableFolder {
    /// Where it will be.
    let path: String
    /// Where it is made.
    let draft: String
    private var folders: Set<String>

    /// - Throws: ``AuditError/Code/wouldOverwrite`` when there is something at `path`; ``AuditError/Code/unwritable``.
    init(at path: String) throws(AuditError) {
        // The draft lies beside the folder: behind a slash it would lie in it.
        let path = FolderName.plain(path)
        guard !Self.exists(path) else { throw AuditError(.wouldOverwrite, "\"\(path)\"") }
        self.path = path
        draft = Self.draft(of: path)
        folders = [draft]
        guard unsafe mkdir(draft, 0o700) == 0 else { throw AuditError(.unwritable, "\"\(draft)\"") }
    }

    /// Writes one file, and the folders above it.
    /// - Throws: ``AuditError/Code/unwritable``.
    mutating func write(_ bytes: [UInt8], to name: String) throws(AuditError) {
        let (file, descriptor) = try make(name)
        var isWritten = Self.write(bytes, to: descriptor) && fsync(descriptor) == 0
        isWritten = close(descriptor) == 0 && isWritten
        guard isWritten else { throw AuditError(.unwritable, "\"\(file)\"") }
    }

    /// Writes one file piece by piece, and the folders above it; 64 KiB at a time.
    /// - Throws: ``AuditError/Code/unwritable``, and what `body` throws.
    mutating func write(to name: String, _ body: (_ write: ([UInt8]) throws -> Void) throws -> Void) throws {
        let (file, descriptor) = try make(name)
        defer { close(descriptor) }
        var pieces: [UInt8] = []
        func flush() throws {
            guard Self.write(pieces, to: descriptor) else { throw AuditError(.unwritable, "\"\(file)\"") }
            pieces.removeAll(keepingCapacity: true)
        }
        try body { piece in
            pieces += piece
            if pieces.count >= 65_536 { try flush() }
        }
        try flush()
        guard fsync(descriptor) == 0 else { throw AuditError(.unwritable, "\"\(file)\"") }
    }

    private mutating func make(_ name: String) throws(AuditError) -> (file: String, descriptor: Int32) {
        let file = "\(draft)/\(name)"
        try makeFolder(String(file[..<file.lastIndex(of: "/")!]))
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AuditError(.unwritable, "\"\(file)\"") }
        return (file, descriptor)
    }

    /// Makes everything durable and moves it to its place.
    /// - Throws: ``AuditError/Code/wouldOverwrite`` when something came there meanwhile; ``AuditError/Code/unwritable``.
    func finish() throws(AuditError) {
        for folder in folders.sorted(by: >) { try Self.synchronise(folder) }
        guard !Self.exists(path) else { throw AuditError(.wouldOverwrite, "\"\(path)\"") }
        // Onto a folder that is not empty, or a file, rename fails: nothing is ever written over.
        guard unsafe rename(draft, path) == 0 else {
            throw AuditError(
                errno == ENOTEMPTY || errno == ENOTDIR || errno == EEXIST ? .wouldOverwrite : .unwritable, "\"\(path)\""
            )
        }
        try Self.synchroniseFolder(of: path)
    }

    /// Makes the name of something durable.
    static func synchroniseFolder(of path: String) throws(AuditError) {
        try synchronise(path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    }

    /// Takes the draft away.
    func discard() { try? FileManager.default.removeItem(atPath: draft) }

    private mutating func makeFolder(_ folder: String) throws(AuditError) {
        guard !folders.contains(folder) else { return }
        try makeFolder(String(folder[..<folder.lastIndex(of: "/")!]))
        guard unsafe mkdir(folder, 0o700) == 0 else { throw AuditError(.unwritable, "\"\(folder)\"") }
        folders.insert(folder)
    }

    /// Where it is made until it has its name. Keeps two exports apart; a draft that a crash left is never touched. Not the
    /// process's number, which is the same in every container.
    static func draft(of path: String) -> String { "\(path).part-\(UUID().uuidString.prefix(8).lowercased())" }

    /// Whether there is something of this name, a link that leads nowhere too.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Writes all of it.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        (try? FileDescriptor(rawValue: descriptor).writeAll(bytes)) != nil
    }

    /// Makes the names in a folder durable.
    static func synchronise(_ folder: String) throws(AuditError) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw AuditError(.unwritable, "\"\(folder)\"") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw AuditError(.unwritable, "\"\(folder)\"") }
    }
}
