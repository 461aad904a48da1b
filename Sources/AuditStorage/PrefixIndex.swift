import GRDB

/// Numbers by the first 63 bits of a hash: a page for each value of its first few bits, with its pairs in the order in which they
/// came.
///
/// What is added waits in memory, so that a page is written once for all that fell into it: up to 1,048,576 pairs, 16 MiB.
struct PrefixIndex {
    private struct Pair {
        let prefix: Int64
        let number: UInt64
    }

    private static let pairByteCount = 16
    private static let limit = 1_048_576

    private let space: PageID.Space
    /// How many of its first bits choose a hash's page.
    private let pageBits: Int
    private var waiting: [[Pair]]
    private var waitingCount = 0

    /// - Parameter pageBits: Few pages are written sooner when much was added, many when little was.
    init(_ space: PageID.Space, pageBits: Int) {
        self.space = space
        self.pageBits = pageBits
        waiting = Array(repeating: [], count: 1 << pageBits)
    }

    private func page(of prefix: Int64) -> Int { Int(prefix >> (63 - pageBits)) & (waiting.count - 1) }

    /// Whether so many wait that they should be written.
    var isFull: Bool { waitingCount >= Self.limit }

    mutating func add(_ prefix: Int64, _ number: UInt64) {
        waiting[page(of: prefix)].append(Pair(prefix: prefix, number: number))
        waitingCount += 1
    }

    /// The pairs with one of these prefixes.
    func find(_ prefixes: some Sequence<Int64>, in pages: Pages, _ database: Database) throws
        -> [(prefix: Int64, number: UInt64)]
    {
        var found: [(prefix: Int64, number: UInt64)] = []
        for (number, asked) in Dictionary(grouping: Set(prefixes), by: page) {
            func take(_ prefix: Int64, _ number: UInt64) {
                if asked.contains(prefix) { found.append((prefix: prefix, number: number)) }
            }
            if let page = try pages.read(PageID(space, number), database) {
                var reader = FixedBytesReader(page)
                while !reader.isAtEnd { take(Int64(bitPattern: try reader.number()), try reader.number()) }
            }
            for pair in waiting[number] { take(pair.prefix, pair.number) }
        }
        return found
    }

    /// The pages that something waits for.
    fileprivate var waitingPages: [Int] { waiting.indices.filter { !waiting[$0].isEmpty } }

    /// What waits for a page, as it follows there; it waits no longer.
    fileprivate mutating func takeWaiting(for number: Int) -> (page: PageID, bytes: [UInt8]) {
        let pairs = waiting[number]
        waiting[number] = []
        waitingCount -= pairs.count
        var writer = FixedBytesWriter(adding: pairs.count * Self.pairByteCount)
        for pair in pairs {
            writer.put(UInt64(bitPattern: pair.prefix))
            writer.put(pair.number)
        }
        return (page: PageID(space, number), bytes: writer.bytes)
    }
}

extension Pages {
    // One page after another: all of them at once would be there twice.

    mutating func writeStatements(_ database: Database) throws {
        for number in statements.waitingPages { try append(statements.takeWaiting(for: number), database) }
    }

    mutating func writeIDs(_ database: Database) throws {
        for number in ids.waitingPages { try append(ids.takeWaiting(for: number), database) }
    }

    private mutating func append(_ part: (page: PageID, bytes: [UInt8]), _ database: Database) throws {
        try write((try read(part.page, database) ?? []) + part.bytes, part.page, database)
    }
}
