import Auditing
import DeviceKit
import Statements

/// A comparison in JSON and in words.
struct ComparisonWords {
    /// Notes of a file that are not signed by these logs' keys: they say nothing of them.
    struct LeftOut {
        /// As it was named.
        let file: String
        let notes: Int
    }

    /// Lines of a file at which a note of these logs seems to stand that could not be read.
    struct Unread {
        /// As it was named.
        let file: String
        let lines: [Int]
    }

    let comparison: Comparison
    private let leftOut: [LeftOut]
    private let unread: [Unread]
    /// What this device convicts the relay with, the gravest first: what is the same here does not acquit it.
    var held: [Finding] = []

    init(_ comparison: Comparison, leftOut: [LeftOut] = [], unread: [Unread] = []) {
        self.comparison = comparison
        self.leftOut = leftOut
        self.unread = unread
    }

    /// Whether nothing of what was given says anything of these logs.
    private var isEmpty: Bool { comparison.results.isEmpty }

    /// What was found is louder than what was not compared, and what this device holds against the relay as loud as in every verdict.
    var status: ExitStatus {
        if comparison.word == .contradict || !held.isEmpty { return .verificationFailed }
        // What was not read could be what contradicts.
        return isEmpty || !unread.isEmpty ? .usage : .done
    }

    var document: JSONValue {
        [
            "verdict": .string((comparison.word ?? .unproven).rawValue),
            "logs": .array(
                comparison.results.map { result in
                    [
                        "log": .string(result.log.rawValue), "verdict": .string(result.word.rawValue),
                        "shown": .array(result.claims.map { Self.document($0) }),
                        "unproven": .array(result.unproven.map { Self.document($0) }),
                        "contradictions": .array(result.contradictions.map { Self.document($0) }),
                    ]
                }),
            "left_out": .array(leftOut.map { ["file": .string($0.file), "notes": .integer($0.notes)] }),
            "evidence": .array(held.map { .string($0.evidence) }),
            "unread": .array(
                unread.map { ["file": .string($0.file), "lines": .array($0.lines.map { JSONValue.integer($0) })] }),
        ]
    }

    private static func document(_ claim: TreeClaim) -> JSONValue {
        ["size": .integer(claim.size), "short": .string(claim.shortForm), "signed": .bool(claim.isSigned)]
    }

    private static func document(_ contradiction: Comparison.Contradiction) -> JSONValue {
        [
            "first": document(contradiction.first),
            "second": contradiction.second.map { document($0) } ?? .null,
            "convicts": .bool(contradiction.convicts),
            "evidence": .array(contradiction.evidence.map { .string(String(decoding: $0, as: UTF8.self)) }),
        ]
    }

    var human: String { (notes + results).joined(separator: "\n") }

    /// What was not compared, first: whoever reads no further must not take it for compared.
    private var notes: [String] {
        let proof = held.first.map { ["\($0.charge), which this device holds; of what is compared now:"] }
        let lines =
            (proof ?? [])
            + leftOut.map { left in
                "note: \(left.notes.counted("note")) in \"\(SafeText.line(left.file))\" "
                    + (left.notes == 1
                        ? "is not this relay's word about this organisation: it is left out, proves nothing and convicts nobody"
                        : "are not this relay's word about this organisation: they are left out, prove nothing and convict nobody")
            }
            + unread.map(Self.words)
        guard isEmpty else { return lines }
        return lines + [
            "NOTHING WAS COMPARED: nothing is left of what was given; give what members of this organisation were shown, or compare with a "
                + "profile or an export (--export DIR) of the organisation that the files are of"
        ]
    }

    private static func words(_ unread: Unread) -> String {
        let count = unread.lines.count
        let named = unread.lines.prefix(10).map(String.init).joined(separator: ", ") + (count > 10 ? ", ..." : "")
        return "\(count.counted("place")) in \"\(SafeText.line(unread.file))\" "
            + "\(count == 1 ? "looks" : "look") like a checkpoint and could not be read: line \(named). It could be what "
            + "contradicts: give the file itself as it was made, not a copy of its text"
    }

    private var results: [String] {
        comparison.results.map { result in
            let log = result.log.rawValue
            let sizes = result.claims.map(\.size)
            let (first, last) = (sizes.first ?? 0, sizes.last ?? 0)
            let range = first == last ? first.counted("entry", "entries") : "\(first) to \(last) entries"
            switch result.word {
            case .same: return "\(log): same, \(result.claims.first?.shortForm ?? "")"
            case .extends:
                return "\(log): one history, from \(range): each tree is proven to continue the one before"
            case .unproven:
                return
                    "\(log): nothing contradicts at \(range), but \(result.unproven.count) of \(result.claims.count.counted("tree")) "
                    + "\(result.unproven.count == 1 ? "is" : "are") not proven: \(Self.cause(result)); \(Self.next(result))"
            case .contradict: return Self.words(result)
            }
        }
    }

    /// Why something is not proven.
    private static func cause(_ result: Comparison.Result) -> String {
        if result.isHeldAgainstHistory { return "larger than what is shown here: mistyped, or withheld" }
        return result.claims.contains(where: \.isSigned)
            ? "no history was asked" : "they were read aloud, and no history was asked"
    }

    /// Signed trees of two sizes convict together with the entries of a history, and whoever has them alone must know that.
    private static func next(_ result: Comparison.Result) -> String {
        let signed = result.claims.filter(\.isSigned)
        guard !result.isHeldAgainstHistory, Set(signed.map(\.size)).count > 1 else {
            return "compare with an export (--export DIR) or a relay that has them"
        }
        return
            "trees of two sizes prove something only together with a history: make an export of what the relay shows now "
            + "(\"nightbell audit export DIR\"), keep it with what you compared, and compare again with --export DIR"
    }

    private static func words(_ result: Comparison.Result) -> String {
        var lines: [String] = []
        // One pair of notes is enough to convict; those of the others are in the JSON.
        var hasNotes = false
        for contradiction in result.contradictions {
            let first = contradiction.first
            let second = contradiction.second.map { "\($0.shortForm)" } ?? "the history that is shown here"
            lines.append("\(result.log.rawValue): CONTRADICT: \(first.shortForm) and \(second) cannot both be true")
            if contradiction.convicts {
                guard !hasNotes else { continue }
                hasNotes = true
                lines.append("the log's key signed both: whoever holds it showed two histories. Keep these notes:")
                // A liar may have named keys so that a terminal obeys: as they came, the notes are in the JSON.
                lines += contradiction.evidence.map {
                    SafeText.block(String(decoding: $0, as: UTF8.self), indent: "")
                }
            } else {
                lines.append(
                    "nobody signed what was read aloud: check the digits, then ask for \"nightbell status --heads FILE\" of that device"
                )
            }
        }
        return lines.joined(separator: "\n")
    }
}
