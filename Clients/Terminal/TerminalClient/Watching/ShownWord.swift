/// What a worker tells whoever outlives it of a notification on the desktop: five bytes, no word of a message.
struct ShownWord: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        /// Closed: its message was answered.
        case gone
        case shown
        /// Shown, and it stays until it is dismissed.
        case critical
    }

    static let byteCount = 5

    let kind: Kind
    /// The desktop's number of it.
    let number: UInt32

    init(_ kind: Kind, _ number: UInt32) {
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
