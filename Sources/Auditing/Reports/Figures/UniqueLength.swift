import Statements

/// How much of a message's id tells the listed ones from every other of the log.
struct UniqueLength {
    /// Behind `msg-`: the first eight characters are the quarter of a second in which a message was made.
    private static let least = "msg-".count + 8

    /// The listed ones, each once.
    private let sorted: [String]
    private var shared = 0

    init(_ ids: some Sequence<String>) {
        var sorted: [String] = []
        for id in ids.sorted() where id != sorted.last { sorted.append(id) }
        self.sorted = sorted
    }

    /// Takes one more id of the log, a listed one too.
    mutating func meet(_ id: String) {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < id { low = middle + 1 } else { high = middle }
        }
        // Its neighbours share the most with it.
        for place in [low - 1, low, low + 1] where sorted.indices.contains(place) && sorted[place] != id {
            shared = max(shared, zip(sorted[place].utf8, id.utf8).prefix { $0 == $1 }.count)
        }
    }

    var length: Int { max(Self.least, shared + 1) }
}
