public import Secrets

/// Where a tile or an entry bundle lies (c2sp.org/tlog-tiles).
public struct TilePath: Hashable, Sendable, CustomStringConvertible {
    /// Hashes or entries in a full tile.
    public static let fullWidth = 256

    public enum Kind: Hashable, Sendable {
        /// Hashes of level L, 0–63: each over 256^L leaves.
        case hashes(level: Int)
        case entries
    }

    public let kind: Kind
    public let index: UInt64
    /// 1–256.
    public let width: Int

    public init(kind: Kind, index: UInt64, width: Int) {
        self.kind = kind
        self.index = index
        self.width = width
    }

    /// Parses `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`, exactly as ``description`` writes it.
    public init?(_ text: String) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard text.utf8.count <= 128, parts.count >= 3, parts.removeFirst() == "tile", let kindText = parts.popFirst()
        else { return nil }
        if kindText == "entries" {
            kind = .entries
        } else {
            guard let level = Int(kindText), (0...63).contains(level), "\(level)" == kindText else { return nil }
            kind = .hashes(level: level)
        }
        var width = Self.fullWidth
        if parts.count >= 2, parts[parts.endIndex - 2].hasSuffix(".p") {
            guard let last = parts.popLast(), let value = Int(last), (1..<Self.fullWidth).contains(value),
                "\(value)" == last, let group = parts.popLast()
            else { return nil }
            width = value
            parts.append(group.dropLast(2))
        }
        self.width = width
        var index: UInt64 = 0
        for (position, part) in parts.enumerated() {
            let isLast = position == parts.count - 1
            let digits = isLast ? part : part.dropFirst()
            guard isLast || part.hasPrefix("x"), digits.utf8.count == 3, index < 1 << 44,
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = UInt64(digits)
            else { return nil }
            index = index * 1000 + value
        }
        self.index = index
        guard description == text else { return nil }
    }

    public var description: String {
        let prefix =
            switch kind {
            case .hashes(let level): "tile/\(level)"
            case .entries: "tile/entries"
            }
        var groups = [Self.threeDigits(index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.insert("x" + Self.threeDigits(rest % 1000), at: 0)
            rest /= 1000
        }
        let partial = width < Self.fullWidth ? ".p/\(width)" : ""
        return "\(prefix)/\(groups.joined(separator: "/"))\(partial)"
    }

    /// Every tile and bundle that a tree of `size` leaves has, the partial ones at their width.
    public static func all(size: UInt64) -> [TilePath] {
        var paths: [TilePath] = []
        func add(_ kind: Kind, _ count: UInt64) {
            let full = count / 256
            for index in 0..<full { paths.append(TilePath(kind: kind, index: index, width: fullWidth)) }
            if count % 256 > 0 { paths.append(TilePath(kind: kind, index: full, width: Int(count % 256))) }
        }
        add(.entries, size)
        var level = 0
        var count = size
        while count > 0 {
            add(.hashes(level: level), count)
            level += 1
            count /= 256
        }
        return paths
    }

    /// Whether a tree of `size` leaves has a tile at least this wide here.
    public func exists(inTreeOf size: UInt64) -> Bool {
        let level =
            switch kind {
            case .hashes(let level): level
            case .entries: 0
            }
        guard level < 8 else { return false }
        let count = size >> UInt64(8 * level)
        return index < 1 << 48 && index * 256 + UInt64(width) <= count
    }

    private static func threeDigits(_ value: UInt64) -> String {
        let text = "\(value)"
        return String(repeating: "0", count: 3 - text.count) + text
    }
}

/// Entry bundles (c2sp.org/tlog-tiles): uint16 big-endian length and entry, repeated.
public enum EntryBundle {
    /// What the largest bundle can hold.
    public static let maximumByteCount = 256 * (2 + 65_535)

    public static func encode(_ entries: some Sequence<[UInt8]>) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes.append(UInt8(entry.count >> 8))
            bytes.append(UInt8(entry.count & 255))
            bytes.append(contentsOf: entry)
        }
        return bytes
    }

    /// - Throws: ``LogError/Code/malformed`` unless there are exactly `count` entries and nothing more.
    public static func decode(_ bytes: [UInt8], count: Int) throws(LogError) -> [[UInt8]] {
        try slices(of: bytes, count: count).map(Array.init)
    }

    /// The same entries, where they lie: a log of millions is read without a copy of each.
    public static func slices(of bytes: [UInt8], count: Int) throws(LogError) -> [ArraySlice<UInt8>] {
        var entries: [ArraySlice<UInt8>] = []
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= 2 else { throw LogError(.malformed, part: "entry bundle") }
            let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
            position += 2
            guard bytes.count - position >= length, entries.count < count else {
                throw LogError(.malformed, part: "entry bundle")
            }
            entries.append(bytes[position..<position + length])
            position += length
        }
        guard entries.count == count else { throw LogError(.malformed, part: "entry bundle") }
        return entries
    }
}

/// Hash tiles: the concatenated hashes.
public enum HashTile {
    /// - Throws: ``LogError/Code/malformed`` unless there are exactly `width` hashes.
    public static func decode(_ bytes: [UInt8], width: Int) throws(LogError) -> [Digest] {
        guard bytes.count == width * Digest.byteCount else { throw LogError(.malformed, part: "hash tile") }
        return stride(from: 0, to: bytes.count, by: Digest.byteCount).map { Digest(bytes[$0..<$0 + Digest.byteCount])! }
    }

    public static func encode(_ hashes: [Digest]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * Digest.byteCount)
        for hash in hashes { hash.append(to: &bytes) }
        return bytes
    }

    /// The hash of 2^`level` hashes of a tile that begin at `index << level`.
    public static func hash(in tile: [Digest], level: Int, index: Int) -> Digest {
        MerkleTree.root(of: tile[(index << level)..<((index + 1) << level)])
    }
}
