import Dispatch
import Foundation
import Synchronization

/// Work on lists of ten thousand, whose items have nothing to do with each other: a person waits for it.
public enum AllCores {
    /// Fewer are not worth a second thread.
    static let leastItems = 500

    /// Makes one thing of each of a few parts of a list, which together are the list.
    /// - Parameter made: Runs on several threads at once.
    /// - Returns: What was made, in the order of the list.
    /// - Throws: The first error, by the same order.
    public static func parts<Item: Sendable, Made: Sendable, Failure: Error>(
        of items: [Item], _ made: @Sendable (ArraySlice<Item>) throws(Failure) -> Made
    ) throws(Failure) -> [Made] {
        let count = min(ProcessInfo.processInfo.activeProcessorCount, items.count / leastItems)
        guard count > 1 else { return [try made(items[...])] }
        let results = Mutex([Int: Result<Made, Failure>]())
        DispatchQueue.concurrentPerform(iterations: count) { part in
            let range = items.count * part / count..<items.count * (part + 1) / count
            let result = Result { () throws(Failure) in try made(items[range]) }
            results.withLock { $0[part] = result }
        }
        let inOrder = results.withLock { results in (0..<count).map { results[$0]! } }
        return try inOrder.map { (result) throws(Failure) in try result.get() }
    }

    /// Makes something of each.
    ///
    /// Inlinable, so that the loop is compiled for its items, wherever it is used.
    /// - Parameter made: Runs on several threads at once.
    /// - Throws: The first error, by the order of the list.
    @inlinable public static func map<Item: Sendable, Made: Sendable, Failure: Error>(
        _ items: [Item], _ made: @Sendable (Item) throws(Failure) -> Made
    ) throws(Failure) -> [Made] {
        let parts = try parts(of: items) { (part) throws(Failure) in
            var list: [Made] = []
            list.reserveCapacity(part.count)
            for item in part { list.append(try made(item)) }
            return list
        }
        return parts.count == 1 ? parts[0] : Array(parts.joined())
    }
}
