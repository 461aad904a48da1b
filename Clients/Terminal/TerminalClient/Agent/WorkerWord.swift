import Statements

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
        /// In how many seconds from now a message that was sent from here is to be answered, and how urgent it is.
        case deadline
        /// Somebody locks: when the worker is gone, the profile is to be locked, whatever the agent has heard.
        case locking
        /// So many messages ring that were handed on from here, and that nobody has taken up in time; how urgent the first is.
        case inVain
        /// In how many seconds from now a call is due that was promised from here, and how urgent its message is.
        case promise
        /// Whether something is being written that is gone when the worker is: 1, or 0.
        case writing
        /// It works: every few seconds.
        case alive
        /// It has started a program of the user's choice: its process id, and that of its group.
        case runs
        /// That program has ended.
        case ran
        /// So many messages wait for an answer, as far as is known here; how urgent the first is.
        case waits
        /// So many answers and words are not sent.
        case unsent
    }

    static let byteCount = 5

    let kind: Kind
    /// The desktop's number of a notification, how many follow, or seconds.
    let number: UInt32

    init(_ kind: Kind, _ number: UInt32 = 0) {
        self.kind = kind
        self.number = number
    }

    /// - Parameter urgency: Goes with the number, which has 24 bits then: half a year in seconds.
    init(_ kind: Kind, _ number: UInt32, _ urgency: Urgency) {
        let place = UInt32(Urgency.allCases.firstIndex(of: urgency) ?? 0)
        self.init(kind, place << 24 | min(number, Self.largest))
    }

    /// How many there are, and how urgent the first of them is.
    init(_ kind: Kind, _ urgencies: [Urgency]) {
        self.init(kind, UInt32(clamping: urgencies.count), urgencies.min() ?? .routine)
    }

    private static let largest: UInt32 = 0xFF_FFFF

    /// The number of a word that says an urgency.
    var count: Int { Int(number & Self.largest) }
    /// That urgency.
    var urgency: Urgency { LockedWords.urgency(UInt8(number >> 24)) }

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
}
