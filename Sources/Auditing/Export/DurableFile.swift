#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A new file, written beside its place and moved there when it is whole: under its name it exists complete and durable, or
/// not at all. Nobody but its owner may read it.
public struct DurableFile: ~Copyable {
    private let path: String
    private let draft: String
    private let descriptor: Int32

    /// - Throws: ``AuditError/Code/wouldOverwrite`` when there is something at `path`; ``AuditError/Code/unwritable``.
    public init(at path: String) throws(AuditError) {
        guard !DurableFolder.exists(path) else { throw AuditError(.wouldOverwrite, "\"\(path)\"") }
        let draft = DurableFolder.draft(of: path)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AuditError(.unwritable, "\"\(path)\"") }
        self.path = path
        self.draft = draft
        self.descriptor = descriptor
    }

    /// Without ``finish()``, nothing of it stays.
    deinit {
        close(descriptor)
        unsafe unlink(draft)
    }

    /// - Throws: ``AuditError/Code/unwritable``.
    public func write(_ bytes: [UInt8]) throws(AuditError) {
        guard DurableFolder.write(bytes, to: descriptor) else { throw AuditError(.unwritable, "\"\(path)\"") }
    }

    /// Makes it durable under its name.
    /// - Throws: ``AuditError/Code/wouldOverwrite`` when something came there meanwhile; ``AuditError/Code/unwritable``.
    public func finish() throws(AuditError) {
        // A link, not a rename: it never takes the place of another file.
        guard fsync(descriptor) == 0, unsafe link(draft, path) == 0 else {
            throw AuditError(errno == EEXIST ? .wouldOverwrite : .unwritable, "\"\(path)\"")
        }
        try DurableFolder.synchroniseFolder(of: path)
    }
}
