/// What a worker tells whoever outlives it: five bytes, no word and no id of a message.
struct WorkerWord: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        /// A notification on the desktop was closed: its message was answered.
        case gone
        /// A notification is shown.
        case shown
        /// A notification is shown, and it stays until it is dismissed.
        case critical
        /// So many deadlines follow, and take the place of those that were told before.
        case deadlines
        /// In how many seconds from now a message that was sent from here is to be answered.
        case deadline
        /// Somebody locks: when the worker is gone, the profile is to be locked, whatever the agent has heard.
        case locking
        /// So many messages ring that were handed on from here, and that nobody has taken up in time.
        case inVain
    }

    static let byteCount = 5

    let kind: Kind
    /// The desktop's number of a notification, how many follow, or seconds.
    let number: UInt32

    init(_ kind: Kind, _ number: UInt32 = 0) {
        self.kind = kind
        self.number = number
    }

    /// - Returns: `nil` for anything else than a word.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount, let first = bytes.first, let kind = Kind(rawValue: first) else {
            return nil
        }
        self.init(kind, bytes.dropFirst().reduce(0) { $0 << 8 | UInt32($1) })
    }

    var bytes: [UInt8] { [kind.rawValue] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
}

/// A worker's words, in whatever pieces they come.
struct WorkerWords {
    /// The part of a word that has come.
    private var beginning: [UInt8] = []

    /// - Returns: The words that are whole now, in their order.
    mutating func heard(_ bytes: [UInt8]) -> [WorkerWord] {
        var rest = (beginning + bytes)[...]
        var words: [WorkerWord] = []
        while rest.count >= WorkerWord.byteCount {
            // Nothing else than words is written there; what is none is passed over.
            if let word = WorkerWord(rest.prefix(WorkerWord.byteCount)) { words.append(word) }
            rest = rest.dropFirst(WorkerWord.byteCount)
        }
        beginning = Array(rest)
        return words
    }

    /// The next worker begins anew.
    mutating func end() { beginning = [] }
}
