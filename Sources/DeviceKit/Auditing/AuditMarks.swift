import DeviceStorage
import Secrets

/// What this profile remembers of the file in which its audits keep what they go on from: so that an older copy of the file, or
/// none, does not pass for it.
extension Profile {
    /// The marks that the file may bear, one of them empty when there may be no file; none until an audit kept something.
    public func auditMarks() throws -> [[UInt8]] {
        guard let lines = try store.look({ try $0.setting(.auditMarks) }) else { return [] }
        // A line that is no mark is one that no file bears.
        return lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Hex.decode($0) ?? Array($0) }
    }

    /// Remembers these marks, and no others.
    public func remember(auditMarks marks: [[UInt8]]) throws {
        let lines = marks.map { Hex.encode($0) }.joined(separator: "\n")
        try store.step { try $0.set(.auditMarks, to: Array(lines.utf8)) }
    }
}
