public import Statements
public import TransparencyLog

/// Where an audit reads: a relay, or an export. Nothing that it gives is believed.
public protocol LogSource {
    /// A log's checkpoint note; `nil` when there is none.
    func checkpoint(of log: LogKind) async throws -> [UInt8]?

    /// An entry bundle; `nil` when there is none.
    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]?
}

extension LogSource {
    /// The entries of the bundle that begins at `first`, in a log of `size`; `nil` when they cannot be had whole.
    func entries(from first: UInt64, size: UInt64, of log: LogKind) async throws -> [[UInt8]]? {
        let width = Int(min(UInt64(TilePath.fullWidth), size - first))
        let path = TilePath(kind: .entries, index: first / UInt64(TilePath.fullWidth), width: width)
        guard let bytes = try await bundle(path, of: log) else { return nil }
        return try? EntryBundle.decode(bytes, count: width)
    }
}
