import Secrets
import Statements
import TransparencyLog

/// The activity log's tree as it grows, with the root of every prefix: a signer may have seen any of them, and heads tell of
/// any. The newest chunks are in memory, all others in the store; a root is computed when somebody asks for it.
///
/// What a store cannot give is kept as ``failure``: whoever judges goes on with nothing, and the audit ends before anything
/// of it is told.
final class EntryLedger {
    /// 32 chunks, 8,192 entries: how many are kept in memory at least.
    private static let recentCount = 32
    /// How many chunks that were read are kept.
    private static let readLimit = 16

    private let store: any AuditStore
    private(set) var failure: AuditError?
    /// The newest chunks; the last is not full.
    private var recent: [EntryChunk]
    private var read: [UInt64: EntryChunk] = [:]
    /// How many entries the store has.
    private var stored: UInt64 = 0

    init(_ store: any AuditStore) {
        self.store = store
        recent = [EntryChunk(number: 0, before: [])]
    }

    /// Goes on behind what a store has, up to `size`: what an earlier audit had only counted is counted anew.
    /// - Throws: ``AuditError/Code/storeDamaged`` when it does not have the last chunk, or another one.
    init(_ store: any AuditStore, size: UInt64, edge: [Digest]) throws(AuditError) {
        self.store = store
        self.size = size
        stored = size
        let number = size / EntryChunk.length
        if size.isMultiple(of: EntryChunk.length) {
            recent = [EntryChunk(number: number, before: edge)]
        } else {
            recent = [try EntryChunk(number, in: store).prefix(Int(size % EntryChunk.length))]
        }
        guard last.first + UInt64(last.count) == size, self.edge == edge else { throw RecordReader.damaged }
    }

    private var last: EntryChunk { recent[recent.count - 1] }

    /// How many entries there are. Asked for several times an entry: no chunk is looked at for it.
    private(set) var size: UInt64 = 0
    /// The hashes of the right edge, from the left.
    var edge: [Digest] { last.edge(last.count) }
    /// The root of all entries.
    var root: Digest { last.root(last.count) }

    func append(leaf: Digest, statement: Digest, time: Timestamp?) {
        recent[recent.count - 1].append(leaf: leaf, statement: statement, time: time)
        size += 1
        if last.isFull { recent.append(EntryChunk(after: last)) }
    }

    /// The root of the first `size` entries; `nil` when there are fewer.
    func root(size: UInt64) -> Digest? {
        guard size > 0 else { return MerkleTree.emptyRoot }
        let (number, count) = ((size - 1) / EntryChunk.length, Int((size - 1) % EntryChunk.length) + 1)
        // Almost every signer has seen a new one: it is looked at where it lies.
        if size <= self.size, number >= recent[0].number { return recent[Int(number - recent[0].number)].root(count) }
        return chunk(of: size - 1)?.root(count)
    }

    /// What is kept of an entry; `nil` when there is none.
    func record(_ index: UInt64) -> EntryChunk.Record? {
        chunk(of: index)?.records[Int(index % EntryChunk.length)]
    }

    private func chunk(of index: UInt64) -> EntryChunk? {
        guard index < size else { return nil }
        let number = index / EntryChunk.length
        if number >= recent[0].number { return recent[Int(number - recent[0].number)] }
        if read[number] == nil {
            if read.count == Self.readLimit { read = [:] }
            do throws(AuditError) {
                let chunk = try EntryChunk(number, in: store)
                guard chunk.isFull else { throw RecordReader.damaged }
                read[number] = chunk
            } catch {
                failure = failure ?? error
            }
        }
        return read[number]
    }

    /// Writes what the store does not have yet, and forgets what is old.
    func flush() throws(AuditError) {
        for chunk in recent where chunk.first + UInt64(chunk.count) > stored {
            try store.set(chunk.record, of: chunk.number)
        }
        stored = size
        if recent.count > 2 * Self.recentCount { recent.removeFirst(recent.count - Self.recentCount) }
    }
}
