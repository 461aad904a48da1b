import AuditSupport
import FuzzSupport
import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

@Suite struct VouchedTreesTests {
    private typealias Word = WitnessStanding.Word

    private static let witness = WitnessPerson("one").key

    /// - Parameter at: Tells one word from every other.
    private static func word(_ size: UInt64, _ root: String, at: Int) -> Word {
        Word(
            witness: witness, log: .activity,
            checkpoint: Checkpoint(origin: "relay.example/org/activity", size: size, root: .of(root)),
            at: Timestamp(milliseconds: Int64(at)))
    }

    /// Against the plain definition, which looks through all words for each.
    @Test func whatContradictsIsWhatLookingThroughAllFinds() {
        var numbers = SplitMix64(name: "vouched trees")
        var count = 0
        for _ in 0..<400 {
            var trees = VouchedTrees()
            var (ours, others): ([Word], [Word]) = ([], [])
            for _ in 0..<Int.random(in: 0...6, using: &numbers) {
                let word = Self.word(.random(in: 0...5, using: &numbers), "ours", at: count)
                count += 1
                trees.add(word)
                ours.append(word)
            }
            for _ in 0..<20 {
                let root = "fork \(Int.random(in: 0...2, using: &numbers))"
                let word = Self.word(.random(in: 0...9, using: &numbers), root, at: count)
                count += 1
                let expected =
                    ours.first { $0.checkpoint.size >= word.checkpoint.size }
                    ?? others.first {
                        $0.checkpoint.size == word.checkpoint.size && $0.checkpoint != word.checkpoint
                    }
                let found = trees.add(other: word)
                #expect(found?.at == expected?.at)
                others.append(word)
            }
        }
    }
}
