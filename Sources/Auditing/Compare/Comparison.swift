public import Secrets
public import Statements
import TransparencyLog

/// Claims of one size, the first of each root: a device's heads say thousands of times the same of a quiet log.
private struct ClaimedRoots {
    private var signed: [TreeClaim] = []
    private var unsigned: [TreeClaim] = []
    private var known: [Bool: Set<TreeClaim.Root>] = [:]

    mutating func add(_ claim: TreeClaim) {
        guard known[claim.isSigned, default: []].insert(claim.root).inserted else { return }
        if claim.isSigned { signed.append(claim) } else { unsigned.append(claim) }
    }

    /// One that is signed, where there is one: it may convict.
    func contradicting(_ claim: TreeClaim) -> TreeClaim? {
        signed.first { !$0.agrees(with: claim) } ?? unsigned.first { !$0.agrees(with: claim) }
    }
}

/// The one history that whoever compares can see: its relay's, or an export's, each verified.
public protocol LogHistory {
    /// The root of the first `size` entries; `nil` when the log that can be seen is shorter.
    func root(of log: LogKind, size: UInt64) async throws -> Digest?
    /// The signed checkpoint that covers what can be seen.
    func checkpoint(of log: LogKind) -> [UInt8]?
}

/// Whether people were shown one history.
public struct Comparison: Sendable {
    public enum Word: String, Sendable, Comparable {
        /// Every tree is the same: one that the history that was asked has, or, where none was, one that the log's key signed.
        case same
        /// The larger ones continue the smaller ones: proven.
        case extends
        /// Nothing contradicts, and not everything could be proven.
        case unproven
        /// Two trees that cannot both be true.
        case contradict

        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .same: 0
            case .extends: 1
            case .unproven: 2
            case .contradict: 3
            }
        }
    }

    /// Two claims of which one must be false.
    public struct Contradiction: Sendable {
        public let first: TreeClaim
        /// The other claim; when there is none, ``checkpoint`` is what it contradicts.
        public let second: TreeClaim?
        /// The checkpoint of the history that can be seen.
        public let checkpoint: [UInt8]?

        /// Whether the log's own signatures convict it: nobody else can have made them.
        public var convicts: Bool { first.isSigned && second?.isSigned ?? (checkpoint != nil) }

        /// The notes, the first claim's first.
        public var evidence: [[UInt8]] { [first.note, second.map { $0.note } ?? checkpoint].compactMap { $0 } }
    }

    /// About one log.
    public struct Result: Sendable {
        public let log: LogKind
        public let word: Word
        /// Of all claims, by size.
        public let claims: [TreeClaim]
        public let contradictions: [Contradiction]
        /// Claims that nothing contradicts and nothing proves.
        public let unproven: [TreeClaim]
        /// Whether a history was asked: then those that are not proven are larger than what it shows.
        public let isHeldAgainstHistory: Bool
    }

    /// One for each log that anybody said anything of, the roster log first.
    public let results: [Result]

    public var word: Word? { results.map(\.word).max() }

    /// Compares what several people were shown.
    /// - Parameter history: What can be seen beside it; without, only trees of one size can be compared.
    public init(_ people: [[TreeClaim]], history: (any LogHistory)?) async throws {
        var results: [Result] = []
        for log in LogKind.allCases {
            let claims = people.flatMap { $0 }.filter { $0.log == log }.sorted { $0.size < $1.size }
            guard !claims.isEmpty else { continue }
            results.append(try await Self.compare(claims, log, history))
        }
        self.results = results
    }

    private static func compare(
        _ claims: [TreeClaim], _ log: LogKind, _ history: (any LogHistory)?
    ) async throws -> Result {
        var found: [(trees: Set<String>, contradiction: Contradiction)] = []
        var unproven: [TreeClaim] = []
        var sizes: [UInt64: [TreeClaim]] = [:]
        for claim in claims { sizes[claim.size, default: []].append(claim) }
        for (size, group) in sizes.sorted(by: { $0.key < $1.key }) {
            var before = ClaimedRoots()
            for claim in group {
                if let other = before.contradicting(claim) {
                    found.append(
                        (
                            [other.shortForm, claim.shortForm],
                            Contradiction(first: other, second: claim, checkpoint: nil)
                        ))
                }
                before.add(claim)
            }
            guard let root = try await history?.root(of: log, size: size) else {
                unproven += group
                continue
            }
            for claim in group where !claim.admits(root) {
                found.append(
                    (
                        [claim.shortForm, ShortForm(size: size, root: root).description],
                        Contradiction(first: claim, second: nil, checkpoint: history?.checkpoint(of: log))
                    ))
            }
        }
        let contradictions = once(found)
        let word: Word =
            if !contradictions.isEmpty {
                .contradict
            } else if sizes.count == 1, unproven.isEmpty || history == nil && isSettled(claims) {
                .same
            } else {
                unproven.isEmpty ? .extends : .unproven
            }
        return Result(
            log: log, word: word, claims: claims, contradictions: contradictions,
            unproven: word == .same ? [] : unproven, isHeldAgainstHistory: history != nil)
    }

    /// Of those that are about the same two trees, one, which convicts where one of them does.
    private static func once(_ found: [(trees: Set<String>, contradiction: Contradiction)]) -> [Contradiction] {
        var places: [Set<String>: Int] = [:]
        var result: [Contradiction] = []
        for (trees, one) in found {
            guard let place = places[trees] else {
                places[trees] = result.count
                result.append(one)
                continue
            }
            if one.convicts, !result[place].convicts { result[place] = one }
        }
        return result
    }

    /// Whether nothing is left to prove of claims of one size that agree: somebody else was asked, and the log's key signed such a
    /// tree. Words that nobody signed prove nothing to each other.
    private static func isSettled(_ claims: [TreeClaim]) -> Bool {
        claims.count > 1 && claims.contains(where: \.isSigned)
    }
}
