import GRDB
import Synchronization

/// Which state of the list of messages somebody has read: a list may be read while more is fetched, and need not be read
/// again when nothing came of that.
public struct ListVersion: Sendable, Equatable {
    /// Changes of the list through this store.
    let here: Int
    /// Changes with every step of another process.
    let elsewhere: Int64
}

/// Counts the changes of the list through one open store; those of a step that was undone as well, which costs a reading.
final class ListChanges: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}

extension StoreReading {
    /// The list's present state.
    public func listVersion() throws -> ListVersion {
        ListVersion(here: access.listChanges.value, elsewhere: try version())
    }
}
