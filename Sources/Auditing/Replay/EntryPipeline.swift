import Foundation
import Statements

/// Reads a stretch of the activity log: bundles are asked for in order, prepared on every core, and given on in order.
///
/// Only a few bundles are in hand at any time, whatever the log's length: reading waits for the replay.
struct EntryPipeline {
    /// How many bundles are in hand at the least: one that is prepared, and one that waits for its turn.
    private static let leastBundles = 2
    /// How many more for each core besides the replay's own: it is not idle while the replay writes to its store.
    private static let bundlesPerFurtherCore = 12

    let preparer: EntryPreparer
    let cores: Int

    /// - Parameter cores: On how many threads entries are prepared; by default as many as there are.
    init(_ preparer: EntryPreparer, cores: Int? = nil) {
        self.preparer = preparer
        self.cores = max(1, cores ?? ProcessInfo.processInfo.activeProcessorCount)
    }

    /// Gives every entry from `first` to before `size`, bundle by bundle.
    /// - Returns: The first entry that cannot be had; `nil` when all were given.
    /// - Throws: What the source or `body` throws; then nothing is in work any more.
    func read(
        _ source: some LogSource, from first: UInt64, size: UInt64,
        _ body: ([PreparedEntry]) async throws -> Void
    ) async throws -> UInt64? {
        let limit = Self.leastBundles + Self.bundlesPerFurtherCore * (cores - 1)
        let preparer = preparer
        return try await withThrowingTaskGroup(of: (UInt64, [PreparedEntry]?).self) { group in
            var asked = first
            var given = first
            var isWhole = true
            var prepared: [UInt64: [PreparedEntry]?] = [:]
            var inWork = 0
            while true {
                while isWhole, asked < size, inWork + prepared.count < limit {
                    guard let bundle = try await source.bundle(from: asked, size: size, of: .activity) else {
                        isWhole = false
                        break
                    }
                    let start = asked
                    asked += UInt64(bundle.count)
                    inWork += 1
                    group.addTask { (start, bundle.slices?.map(preparer.prepare)) }
                }
                if let bundle = prepared.removeValue(forKey: given) {
                    // What is no bundle is as good as none.
                    guard let bundle else { return given }
                    given += UInt64(bundle.count)
                    try await body(bundle)
                } else if let (start, bundle) = try await group.next() {
                    inWork -= 1
                    prepared[start] = .some(bundle)
                } else {
                    return isWhole ? nil : asked
                }
            }
        }
    }
}
