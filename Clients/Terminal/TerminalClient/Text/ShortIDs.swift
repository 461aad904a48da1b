/// The beginnings of ids by which people name them: as short as all of them stay apart, and never too short to stay so.
///
/// Every command takes a beginning for the whole; JSON always has the whole.
struct ShortIDs {
    /// After the prefix: a message's first eight characters are the quarter of a second in which it was made.
    private static let least = 8

    /// Each once.
    private let sorted: [String]

    init(_ ids: some Sequence<String>) {
        var sorted: [String] = []
        for id in ids.sorted() where id != sorted.last { sorted.append(id) }
        self.sorted = sorted
    }

    /// The beginning of one of the ids; of another one, as long as it stays apart from all of them.
    func short(_ id: String) -> String {
        let place = index(of: id)
        let next = place < sorted.count && sorted[place] == id ? place + 1 : place
        let shared = [place - 1, next].reduce(0) { most, place in
            sorted.indices.contains(place) ? max(most, Self.shared(id, sorted[place])) : most
        }
        let prefix = id.utf8.firstIndex(of: UInt8(ascii: "-")).map { id.utf8.index(after: $0) } ?? id.startIndex
        let least = id.utf8[..<prefix].count + Self.least
        return String(decoding: id.utf8.prefix(max(least, shared + 1)), as: UTF8.self)
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

    /// How many bytes are the beginning of both.
    private static func shared(_ left: String, _ right: String) -> Int {
        var (left, right) = (left, right)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                var count = 0
                while count < min(left.count, right.count), unsafe left[count] == right[count] { count += 1 }
                return count
            }
        }
    }
}
