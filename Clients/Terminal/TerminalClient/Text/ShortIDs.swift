/// The beginnings of ids by which people name them: as short as all of them stay apart, and never too short to stay so.
///
/// Every command takes a beginning for the whole; JSON always has the whole.
struct ShortIDs {
    /// After the prefix: a message's first eight characters are the quarter of a second in which it was made.
    private static let least = 8

    private let sorted: [String]

    init(_ ids: some Sequence<String>) { sorted = ids.sorted() }

    /// The beginning of one of the ids.
    func short(_ id: String) -> String {
        let prefix = id.utf8.firstIndex(of: UInt8(ascii: "-")).map {
            id.utf8.distance(from: id.utf8.startIndex, to: $0)
        }
        var length = (prefix.map { $0 + 1 } ?? 0) + Self.least
        let place = index(of: id)
        for neighbour in [place - 1, place, place + 1]
        where sorted.indices.contains(neighbour) && sorted[neighbour] != id {
            length = max(length, Self.shared(id, sorted[neighbour]) + 1)
        }
        return String(id.prefix(length))
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
