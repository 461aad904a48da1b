import Membership
import TransparencyLog

/// What one witness vouched for of one log, as far as it may convict it.
///
/// A source may show as many words as fit into its answer: whether one contradicts those before it is looked up, and never looked
/// for among all of them.
struct VouchedTrees {
    private typealias Word = WitnessStanding.Word

    /// Of the log at hand, those that are larger than all before them: the first that has at least some size is one of them.
    private var growing: [Word] = []
    /// Of other histories, by size: the first word, and the first after it about another tree.
    private var others: [UInt64: (first: Word, second: Word?)] = [:]

    /// Takes up a word about a tree that is a part of the log at hand.
    mutating func add(_ word: WitnessStanding.Word) {
        if growing.last.map({ $0.checkpoint.size < word.checkpoint.size }) ?? true { growing.append(word) }
    }

    /// Takes up a word about a tree that is no part of it, after all that are.
    /// - Returns: The first word that no log can make true together with this one: about a tree of the log at hand that is not
    ///   smaller, or about another one of the same size.
    mutating func add(other word: WitnessStanding.Word) -> WitnessStanding.Word? {
        let known = others[word.checkpoint.size]
        if let (first, second) = known {
            if second == nil, first.checkpoint != word.checkpoint {
                others[word.checkpoint.size] = (first: first, second: word)
            }
        } else {
            others[word.checkpoint.size] = (first: word, second: nil)
        }
        return ours(from: word.checkpoint.size)
            ?? known.flatMap { $0.first.checkpoint != word.checkpoint ? $0.first : $0.second }
    }

    /// The first of the log at hand that has at least this size.
    private func ours(from size: UInt64) -> Word? {
        var (low, high) = (0, growing.count)
        while low < high {
            let middle = (low + high) / 2
            if growing[middle].checkpoint.size < size { low = middle + 1 } else { high = middle }
        }
        return low < growing.count ? growing[low] : nil
    }
}
