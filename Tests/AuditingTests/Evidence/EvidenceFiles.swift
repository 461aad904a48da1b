import Membership
import Secrets
import SignerSupport
import Statements
import TransparencyLog

@testable import Auditing

/// A test's source with hash tiles, which an audit does not ask for and a proof is made of.
struct TiledSource: LogSource {
    let source: MemorySource

    func checkpoint(of log: LogKind) async throws -> [UInt8]? { try await source.checkpoint(of: log) }

    func cosigned(of log: LogKind) async throws -> [[UInt8]] { try await source.cosigned(of: log) }

    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        guard case .hashes(let level) = path.kind else { return try await source.bundle(path, of: log) }
        var tree = GrowingTree()
        for entry in source.entries[log] ?? [] { tree.append(MerkleTree.leafHash(entry)) }
        let first = path.index * UInt64(TilePath.fullWidth)
        return HashTile.encode(
            try (0..<path.width).map { try tree.hash(of: Subtree(level: 8 * level, index: first + UInt64($0))) })
    }
}

extension World {
    /// A file of evidence, as an auditor's device makes it.
    /// - Parameters:
    ///   - auditor: The device that signs.
    ///   - capsule: Whether the message's goes along.
    ///   - cosigned: What the relay shows as such.
    func evidence(
        about name: String, by auditor: String = "udo", capsule: Bool = false,
        cosigned: [LogKind: [[UInt8]]] = [:], at time: Timestamp? = nil
    ) async throws -> EvidenceFiles {
        var shown = source
        shown.cosigned = cosigned
        let source = TiledSource(source: shown)
        var audit = Audit()
        audit.organisation = organisation
        audit.detail = .beginning(MessageID.named(name).description)
        let verdict = try await audit.run(source)
        let message = verdict.messages.first { $0.message == .named(name) }!
        let opened =
            capsule ? try await EvidenceCapsule.open(of: message, size: activity.size, from: source, self) : nil
        let draft = try await EvidenceDraft(
            of: message, in: verdict,
            roster: (roster.key, roster.checkpoint), activity: (activity.key, activity.checkpoint),
            head: activity.sign(head(for: auditor)), capsule: opened, from: source)
        let statement = draft.statement(by: .named(auditor), at: time ?? now)
        return EvidenceFiles(draft.file(signed: SignedNote(statement.text, by: [.device(auditor)])))
    }
}

extension World {
    /// A file whose checkpoints both witnesses cosigned; of the activity log one gave an older cosignature, too.
    func cosignedEvidence(about name: String) async throws -> EvidenceFiles {
        watch(by: "one", "two", demanded: 2)
        let older = cosigned(.activity, by: "two", size: activity.size - 3, secondsAgo: 90)
        let notes = LogKind.allCases.map { log in (log, ["two", "one"].map { cosigned(log, by: $0) } + [older]) }
        return try await evidence(
            about: name, cosigned: Dictionary(uniqueKeysWithValues: notes), at: now)
    }
}

/// A file of evidence, taken apart for whoever changes it.
struct EvidenceFiles {
    var files: [Ustar.File]

    init(_ bytes: [UInt8]) { files = try! Ustar.read(bytes) }

    var bytes: [UInt8] { Ustar.write(files) }

    /// Below the archive's folder.
    var names: [String] { files.map { String($0.name.dropFirst(EvidencePart.folder.count)) } }

    subscript(_ part: EvidencePart) -> [UInt8] {
        get { self[part.name] }
        set { self[part.name] = newValue }
    }

    subscript(_ name: String) -> [UInt8] {
        get { files.first { $0.name == EvidencePart.folder + name }!.bytes }
        set {
            let place = files.firstIndex { $0.name == EvidencePart.folder + name }!
            files[place] = .init(name: files[place].name, bytes: newValue)
        }
    }

    var statement: EvidenceStatement {
        try! EvidenceStatement(parsing: SignedNote(parsing: self[.note]).text)
    }

    mutating func add(_ part: EvidencePart, _ bytes: [UInt8], before other: EvidencePart? = nil) {
        let place = other.flatMap { other in files.firstIndex { $0.name == EvidencePart.folder + other.name } }
        files.insert(.init(name: EvidencePart.folder + part.name, bytes: bytes), at: place ?? files.count)
    }

    /// Puts other bytes in the place of some, wherever they stand.
    mutating func replace(_ old: [UInt8], with new: [UInt8]) {
        for place in files.indices {
            files[place] = .init(name: files[place].name, bytes: files[place].bytes.replacing(old, with: new))
        }
    }

    mutating func remove(_ part: EvidencePart) { files.removeAll { $0.name == EvidencePart.folder + part.name } }

    /// Lists and signs anew what was changed, as an auditor who lies can.
    mutating func seal(by signer: String = "udo", as device: String? = nil, seen: SeenBoth? = nil) {
        let listed = files.dropFirst(2).map { (String($0.name.dropFirst(EvidencePart.folder.count)), $0.bytes) }
        self[.sums] = EvidenceSums.write(listed.map { (name: $0.0, bytes: $0.1) })
        let old = statement
        let new = EvidenceStatement(
            organisation: old.organisation, seen: seen ?? old.seen, message: old.message,
            device: .named(device ?? signer),
            at: old.at, partCount: UInt64(listed.count), sums: Digest.sha256(self[.sums]))
        self[.note] = SignedNote(new.text, by: [.device(signer)]).bytes
    }

    /// The entries that it holds, ascending.
    var entries: [UInt64] {
        names.compactMap { name in
            if case .entry(let index)? = EvidencePart(name) { index } else { nil }
        }
    }

    /// Those whose text has all of these words.
    func entries(saying words: String...) -> [UInt64] {
        entries.filter { index in
            let text = String(decoding: self[.entry(index)], as: UTF8.self)
            return words.allSatisfy { text.contains($0) }
        }
    }
}
