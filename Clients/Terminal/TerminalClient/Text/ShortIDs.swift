/// The beginnings of ids by which people name them: as short as all of them stay apart, and never too short to stay so.
///
/// Every command takes a beginning for the whole; JSON always has the whole.
struct ShortIDs {
    /// After the prefix: a message's first eight characters are the quarter of a second in which it was made.
    private static let least = 8

    /// Each once.
    private let sorted: [String]
    /// How long the beginning of each is: a list names all of them.
    private let lengths: [String: Int]

    init(_ ids: some Sequence<String>) {
        var sorted: [String] = []
        for id in ids.sorted() where id != sorted.last { sorted.append(id) }
        self.sorted = sorted
        var lengths: [String: Int] = [:]
        lengths.reserveCapacity(sorted.count)
        var shared = 0
        for (place, id) in sorted.enumerated() {
            let next = place + 1 < sorted.count ? Self.shared(id, sorted[place + 1]) : 0
            lengths[id] = Self.length(of: id, shared: max(shared, next))
            shared = next
        }
        self.lengths = lengths
    }

    /// The beginning of one of the ids; of another one, as long as it stays apart from all of them.
    func short(_ id: String) -> String {
        String(decoding: id.utf8.prefix(lengths[id] ?? lengthApart(id)), as: UTF8.self)
    }

    private func lengthApart(_ id: String) -> Int {
        let place = index(of: id)
        let neighbours = [place - 1, place].filter(sorted.indices.contains)
        return Self.length(of: id, shared: neighbours.map { Self.shared(id, sorted[$0]) }.max() ?? 0)
    }

    /// - Parameter shared: How much of it is the beginning of another id.
    private static func length(of id: String, shared: Int) -> Int {
        let prefix = id.utf8.firstIndex(of: UInt8(ascii: "-")).map {
            id.utf8.distance(from: id.utf8.startIndex, to: $0) + 1
        }
        return max((prefix ?? 0) + least, shared + 1)
    }

    /// The first place that is not before `id`.
    private func index(of id: String) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func shared(_ left: String, _ right: String) -> Int {
        zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
    }
}
