/// What remembers, outside of an audit's file, which commit was its last: so that neither an older copy of the file nor none at
/// all passes for it.
public protocol AuditStoreMemory: Sendable {
    /// The marks that the file may bear, as they were remembered last; none when nothing ever was.
    func marks() throws -> [[UInt8]]
    /// Remembers marks in place of all others, durably: at most a few of 24 bytes.
    func remember(_ marks: [[UInt8]]) throws
}
