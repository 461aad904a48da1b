import Auditing
import FuzzSupport
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

/// Whatever is asked, by however many at once, and wherever the witness dies: what it ever signed is one history.
@Suite struct WitnessPropertyTests {
    private static let count = 24

    /// Everything that left the witness: size, root, time.
    private final class Given: Sendable {
        private let given = Mutex<[(size: Int, history: Int, seconds: UInt64)]>([])

        func add(_ size: Int, _ history: Int, _ seconds: UInt64) {
            given.withLock { $0.append((size, history, seconds)) }
        }

        /// Whether all of it lies on one of the two histories, and sizes and times never went back.
        func isOneHistory(fork: Int) -> Bool {
            given.withLock { given in
                let sides = Set(given.filter { $0.size > fork }.map(\.history))
                return sides.count <= 1
                    && zip(given, given.dropFirst()).allSatisfy { $0.size <= $1.size && $0.seconds <= $1.seconds }
            }
        }

        var count: Int { given.withLock(\.count) }
    }

    /// One after the other: random sizes of both histories with random old sizes, a disk that fails, and a process that
    /// dies after it wrote and before it answered.
    @Test func randomRequestsAndDeaths() throws {
        var random = SplitMix64(name: "witness deaths")
        var refused: Set<String> = []
        for _ in 0..<30 {
            let log = ForkingLog(count: Self.count, fork: random.below(Self.count))
            var (keeper, memory) = try WitnessKeeper.new([log.key])
            let given = Given()
            for second in 1...60 {
                let history = random.below(2)
                let new = random.below(Self.count + 1)
                let known = Int(keeper.logs[0].latest?.checkpoint.size ?? 0)
                let old = random.once(in: 4) ? random.below(Self.count + 1) : known
                let body =
                    old <= new
                    ? log.request(old, new, history)
                    : AddCheckpoint(old: UInt64(old), proof: [], checkpoint: log.checkpoint(new, history).note.bytes)
                        .bytes
                memory.fail(random.once(in: 10))
                let answer = keeper.answer(body, at: { UInt64(second) })
                if random.once(in: 6) {
                    // It died: the answer, if there was one, was never sent.
                    keeper = try WitnessKeeper.started(memory)
                } else if answer.status == 200 {
                    given.add(new, history, UInt64(second))
                } else {
                    refused.insert(answer.word)
                }
            }
            #expect(given.isOneHistory(fork: log.fork))
        }
        // The test did go everywhere.
        #expect(refused.isSuperset(of: ["malformed", "conflict", "unproven", "contradiction", "not_durable"]))
    }

    /// What a crowd heard.
    private final class Crowd: Sendable {
        private let state = Mutex<(statuses: [Int: Int], clock: UInt64, won: Set<Int>)>(([:], 1, []))

        func tick() -> UInt64 {
            state.withLock { state in
                state.clock += 1
                return state.clock
            }
        }

        func note(_ status: Int, _ history: Int, isBeyondFork: Bool) {
            state.withLock { state in
                state.statuses[status, default: 0] += 1
                if status == 200, isBeyondFork { state.won.insert(history) }
            }
        }

        var winners: Int { state.withLock(\.won.count) }
        func count(_ status: Int) -> Int { state.withLock { $0.statuses[status] ?? 0 } }
    }

    /// Two crowds, each of which honestly grows one history, at once.
    @Test func manyAtOnce() async throws {
        let log = ForkingLog(count: Self.count, fork: 5)
        let keeper = try WitnessKeeper.new([log.key]).keeper
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for asker in 0..<8 {
                group.addTask { Self.grow(log, history: asker % 2, at: keeper, crowd) }
            }
        }
        #expect(crowd.winners == 1)
        #expect(crowd.count(200) + crowd.count(409) > Self.count)
    }

    /// Asks for every size in turn, each time from where the witness says that it is.
    private static func grow(_ log: ForkingLog, history: Int, at keeper: WitnessKeeper, _ crowd: Crowd) {
        var old = 0
        for new in 1...count {
            for _ in 0..<4 {
                let answer = keeper.answer(log.request(old, new, history), at: { crowd.tick() })
                crowd.note(answer.status, history, isBeyondFork: new > log.fork)
                guard answer.status == 409, let size = AddCheckpoint.size(parsing: answer.body), size <= new else {
                    break
                }
                old = Int(size)
            }
        }
    }
}
