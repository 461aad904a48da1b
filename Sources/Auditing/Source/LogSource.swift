public import Statements
public import TransparencyLog

/// Where an audit reads: a relay, or an export. Nothing that it gives is believed.
public protocol LogSource {
    /// A log's checkpoint note; `nil` when there is none.
    func checkpoint(of log: LogKind) async throws -> [UInt8]?

    /// An entry bundle; `nil` when there is none.
    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]?

    /// What witnesses cosigned of a log: checkpoint notes of any size, beside the one of ``checkpoint(of:)``.
    func cosigned(of log: LogKind) async throws -> [[UInt8]]
}

extension LogSource {
    /// None, where nobody keeps any.
    public func cosigned(of log: LogKind) async throws -> [[UInt8]] { [] }

    /// The entries from `first` to the end of its bundle, in a log of `size`; `nil` when they cannot be had whole.
    func entries(from first: UInt64, size: UInt64, of log: LogKind) async throws -> [[UInt8]]? {
        try await bundle(from: first, size: size, of: log)?.entries
    }

    /// The bundle with the entries from `first` on, as it came; `nil` when there is none.
    func bundle(from first: UInt64, size: UInt64, of log: LogKind) async throws -> RawBundle? {
        let full = UInt64(TilePath.fullWidth)
        let index = first / full
        let width = Int(min(full, size - index * full))
        guard let bytes = try await bundle(TilePath(kind: .entries, index: index, width: width), of: log) else {
            return nil
        }
        return RawBundle(bytes: bytes, width: width, skipped: Int(first % full))
    }
}

/// An entry bundle before anybody looked at it.
struct RawBundle: Sendable {
    let bytes: [UInt8]
    let width: Int
    /// How many entries at its beginning are not asked for.
    let skipped: Int

    /// How many are.
    var count: Int { width - skipped }

    /// Those that are asked for; `nil` when it is not a bundle of this width.
    var entries: [[UInt8]]? { slices?.map(Array.init) }

    /// The same, where they lie.
    var slices: ArraySlice<ArraySlice<UInt8>>? {
        try? EntryBundle.slices(of: bytes, count: width).dropFirst(skipped)
    }
}
