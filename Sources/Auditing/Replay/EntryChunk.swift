import Secrets
import Statements
import TransparencyLog

/// 256 entries of the activity log, as in a bundle: leaf hashes, and the tree on the left of them as its right edge. Together
/// they give the root of every prefix that ends here.
struct EntryChunk {
    /// What is kept of an entry.
    struct Record {
        let leaf: Digest
        let statement: Digest
        /// `nil` for what is no entry.
        let time: Timestamp?
    }

    /// 256.
    static let length: UInt64 = 256

    let number: UInt64
    /// The edge of the tree before, from the left.
    private let before: [Digest]
    private(set) var records: [Record] = []
    /// The complete subtrees of this chunk: by level, from the left.
    private var levels: [[Digest]] = [[]]

    init(number: UInt64, before: [Digest]) {
        self.number = number
        self.before = before
    }

    /// The next one.
    init(after full: EntryChunk) {
        self.init(number: full.number + 1, before: full.edge(full.count))
    }

    /// The same with no more than the first `count` entries.
    func prefix(_ count: Int) -> EntryChunk {
        guard count < records.count else { return self }
        var chunk = EntryChunk(number: number, before: before)
        for record in records.prefix(count) {
            chunk.append(leaf: record.leaf, statement: record.statement, time: record.time)
        }
        return chunk
    }

    /// The index of the first entry.
    var first: UInt64 { number * Self.length }
    var count: Int { records.count }
    var isFull: Bool { UInt64(count) == Self.length }

    mutating func append(leaf: Digest, statement: Digest, time: Timestamp?) {
        records.append(Record(leaf: leaf, statement: statement, time: time))
        var hash = leaf
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
            guard levels[level].count.isMultiple(of: 2) else { return }
            hash = MerkleTree.nodeHash(levels[level][levels[level].count - 2], hash)
            level += 1
        }
    }

    /// The root of the tree that ends with the first `count` entries here, of which there is one at least unless the tree is
    /// that before.
    func root(_ count: Int) -> Digest { MerkleTree.root(ofEdge: edge(count)) }

    /// The edge of the same tree, from the left.
    func edge(_ count: Int) -> [Digest] {
        var edge = before
        for level in levels.indices.reversed() where count >> level & 1 == 1 {
            var hash = levels[level][count >> level - 1]
            // A whole chunk joins what is on its left: as many pairs as the number of chunks before ends in one bits.
            if level == 8 {
                for _ in 0..<(~number).trailingZeroBitCount { hash = MerkleTree.nodeHash(edge.removeLast(), hash) }
            }
            edge.append(hash)
        }
        return edge
    }

    // MARK: Storing

    var record: [UInt8] {
        var writer = RecordWriter()
        writer.put(before) { $0.put($1) }
        writer.put(records) { writer, record in
            writer.put(record.leaf)
            writer.put(record.statement)
            writer.put(record.time) { $0.put($1) }
        }
        return writer.bytes
    }

    init(_ number: UInt64, in store: any AuditStore) throws(AuditError) {
        guard let bytes = try store.entries(of: number) else { throw RecordReader.damaged }
        var reader = RecordReader(bytes)
        self.init(number: number, before: try reader.list { (reader) throws(AuditError) in try reader.digest() })
        let records = try reader.list { (reader) throws(AuditError) in
            Record(
                leaf: try reader.digest(), statement: try reader.digest(),
                time: try reader.optional { (reader) throws(AuditError) in try reader.time() })
        }
        try reader.end()
        guard before.count == number.nonzeroBitCount, UInt64(records.count) <= Self.length else {
            throw RecordReader.damaged
        }
        for record in records { append(leaf: record.leaf, statement: record.statement, time: record.time) }
    }
}
