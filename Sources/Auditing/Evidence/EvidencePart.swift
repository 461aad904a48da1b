import Secrets
import Statements
import TransparencyLog

/// What a file of evidence consists of: each part's name below the archive's one folder.
enum EvidencePart: Hashable {
    /// The auditor's signed note; the archive's first file.
    case note
    /// The hash of every part below, as `sha256sum` writes and checks it; the second file.
    case sums
    case readme
    /// The relay's signed word on both logs at one time: nothing else says that the roster is not an older one.
    case head
    case vkey(LogKind)
    case checkpoint(LogKind)
    /// Of the roster log, which is there whole.
    case tile(TilePath)
    /// That the activity log of this size is the beginning of the checkpoint's.
    case consistency(UInt64)
    /// Of the activity log.
    case entry(UInt64)
    /// The entry's tlog-proof.
    case proof(UInt64)
    /// The message's sealed capsule; these three are there together, or none.
    case capsule
    /// What opens this capsule, and no other.
    case capsuleKey
    /// What it holds.
    case capsuleContent

    /// Everything of the archive lies in it, so that nothing is scattered where somebody unpacks it.
    static let folder = "nightbell-evidence/"

    var name: String {
        switch self {
        case .note: "evidence.note"
        case .sums: "SHA256SUMS"
        case .readme: "README.txt"
        case .head: "head.note"
        case .vkey(let log): "\(log.rawValue)/log.vkey"
        case .checkpoint(let log): "\(log.rawValue)/checkpoint"
        case .tile(let path): "roster/\(path)"
        case .consistency(let size): "activity/consistency/\(size)"
        case .entry(let index): "activity/entry/\(index)"
        case .proof(let index): "activity/proof/\(index).tlog-proof"
        case .capsule: "capsule/sealed"
        case .capsuleKey: "capsule/key"
        case .capsuleContent: "capsule/opened.json"
        }
    }

    /// All parts about the capsule.
    static let capsules: [EvidencePart] = [.capsule, .capsuleKey, .capsuleContent]

    /// Exactly what ``name`` writes.
    init?(_ name: String) {
        let fixed: [EvidencePart] =
            [.note, .sums, .readme, .head] + Self.capsules + LogKind.allCases.flatMap { [.vkey($0), .checkpoint($0)] }
        if let part = fixed.first(where: { $0.name == name }) {
            self = part
        } else if let path = Self.rest(name, "roster/").flatMap({ TilePath($0) }) {
            self = .tile(path)
        } else if let size = Self.number(name, "activity/consistency/") {
            self = .consistency(size)
        } else if let index = Self.number(name, "activity/entry/") {
            self = .entry(index)
        } else if name.hasSuffix(".tlog-proof"), let index = Self.number(String(name.dropLast(11)), "activity/proof/") {
            self = .proof(index)
        } else {
            return nil
        }
    }

    /// The parts that `SHA256SUMS` lists, in the one order that a file has.
    /// - Parameters:
    ///   - roster: The size of the roster log.
    ///   - sizes: Of the activity log, ascending, those that signers had seen.
    ///   - entries: Indexes in the activity log, ascending.
    static func listed(
        roster: UInt64, hasCapsule: Bool, sizes: [UInt64], entries: [UInt64]
    ) -> [EvidencePart] {
        [.readme, .head, .vkey(.roster), .checkpoint(.roster)]
            + TilePath.all(size: roster).map { .tile($0) } + [.vkey(.activity), .checkpoint(.activity)]
            + sizes.map { .consistency($0) } + entries.flatMap { [.entry($0), .proof($0)] }
            + (hasCapsule ? capsules : [])
    }

    private static func rest(_ name: String, _ prefix: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    private static func number(_ name: String, _ prefix: String) -> UInt64? {
        rest(name, prefix).flatMap { text in
            try? TextReader.integer(Array(text.utf8)[...], or: StatementError(.malformed, part: "name"))
        }
    }
}

/// `SHA256SUMS`: a line `<hash>  <name>` for each part, in order.
enum EvidenceSums {
    /// For each file of an archive a hash, two blanks, the longest name, and a line feed.
    static let maximumByteCount = Ustar.maximumFileCount * 167

    static func write(_ parts: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        Array(parts.map { "\(Digest.sha256($0.bytes))  \($0.name)\n" }.joined().utf8)
    }

    /// - Returns: `nil` for what ``write(_:)`` would not have written.
    static func read(_ bytes: [UInt8]) -> [(name: String, hash: Digest)]? {
        guard bytes.last == UInt8(ascii: "\n"), bytes.count <= maximumByteCount else { return nil }
        var parts: [(name: String, hash: Digest)] = []
        var rest = bytes[...]
        // Line by line: the first wrong one ends it, whatever follows.
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[..<end]
            let name = line.dropFirst(66)
            guard parts.count < Ustar.maximumFileCount, let hash = Digest(hex: line.prefix(64)),
                line.dropFirst(64).prefix(2).elementsEqual("  ".utf8), Ustar.isName(name)
            else { return nil }
            parts.append((String(decoding: name, as: UTF8.self), hash))
            rest = rest[(end + 1)...]
        }
        return parts
    }
}

/// That one tree is the beginning of another, as a C2SP tlog-witness is told it (`add-checkpoint`): `old <size>`, the
/// hashes of the proof, an empty line, the newer checkpoint.
struct ConsistencyFile {
    let old: UInt64
    let proof: [Digest]
    let checkpoint: [UInt8]

    init(old: UInt64, proof: [Digest], checkpoint: [UInt8]) {
        self.old = old
        self.proof = proof
        self.checkpoint = checkpoint
    }

    /// - Returns: `nil` for what ``bytes`` would not have written.
    init?(parsing bytes: [UInt8]) {
        guard let end = Self.emptyLine(bytes) else { return nil }
        var lines = bytes[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), first.starts(with: "old ".utf8),
            let old = try? TextReader.integer(first.dropFirst(4), or: StatementError(.malformed, part: "old")),
            lines.count <= Proofs.maximumLength
        else { return nil }
        var proof: [Digest] = []
        for line in lines {
            guard let hash = Base64.decode(line).flatMap({ Digest($0) }) else { return nil }
            proof.append(hash)
        }
        self.init(old: old, proof: proof, checkpoint: Array(bytes[(end + 2)...]))
        guard self.bytes == bytes else { return nil }
    }

    var bytes: [UInt8] {
        Array("old \(old)\n".utf8) + proof.flatMap { Array((Base64.encode($0.bytes) + "\n").utf8) }
            + [UInt8(ascii: "\n")] + checkpoint
    }

    /// The place of the first empty line's predecessor's line feed: within what the longest proof can need.
    private static func emptyLine(_ bytes: [UInt8]) -> Int? {
        let limit = min(bytes.count - 1, 64 * (Proofs.maximumLength + 1))
        guard limit > 0 else { return nil }
        return (0..<limit).first { bytes[$0] == UInt8(ascii: "\n") && bytes[$0 + 1] == UInt8(ascii: "\n") }
    }
}
