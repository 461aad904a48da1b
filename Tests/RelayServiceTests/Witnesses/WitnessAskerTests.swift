import Auditing
import Foundation
import Logging
import PushDelivery
import RelayStorage
import Secrets
import ServiceLifecycle
import Statements
import Synchronization
import SystemPackage
import Testing
import TransparencyLog

@testable import RelayService

/// How the relay asks witnesses: true ones, in this process, that can be away, slow, or false.
@Suite struct WitnessAskerTests {
    /// A witness that a test holds in its hand.
    private final class TestWitness: WitnessKeeper.Memory {
        struct Mood: Sendable {
            var isAway = false
            /// Given instead of the true answer.
            var instead: PostAnswer?
            var keeper: WitnessKeeper
            var asked = 0
        }

        let key: WitnessKey
        let mood: Mutex<Mood>

        init(_ name: String, _ logs: [LogKey]) throws {
            let witness = try Self.witness(name, logs)
            key = witness.state.witness
            mood = Mutex(Mood(keeper: WitnessKeeper(witness, memory: NoMemory())))
        }

        static func witness(_ name: String, _ logs: [LogKey]) throws -> Witness {
            let seed = Digest.sha256(Array(name.utf8)).bytes
            let signer = CosignatureSigner(name: name, key: SigningKey(seed: SecretBytes(copying: seed)))
            var state = WitnessState(witness: signer.witnessKey)
            for log in logs { _ = try state.add(log.key) }
            return try Witness(signer: signer, state: state)
        }

        func replace(_ state: WitnessState) {}
        func keep(evidence: [[UInt8]]) -> Bool { true }

        /// As a lost folder that somebody made anew.
        func forget(_ logs: [LogKey]) throws {
            let witness = try Self.witness(key.name, logs)
            let keeper = WitnessKeeper(witness, memory: NoMemory())
            mood.withLock { $0.keeper = keeper }
        }

        func post(_ body: [UInt8]) -> PostAnswer? {
            mood.withLock { mood in
                mood.asked += 1
                if mood.isAway { return nil }
                if let instead = mood.instead { return instead }
                let answer = mood.keeper.answer(body, at: { UInt64(Timestamp.now().milliseconds / 1_000) })
                return PostAnswer(status: answer.status, body: answer.body)
            }
        }

        func size(_ log: LogKey) -> UInt64? {
            mood.withLock { $0.keeper.logs.first { $0.origin == log.origin }?.latest?.checkpoint.size }
        }
    }

    private struct NoMemory: WitnessKeeper.Memory {
        func replace(_ state: WitnessState) {}
        func keep(evidence: [[UInt8]]) -> Bool { true }
    }

    /// A clock that goes on when a test says so.
    private final class TestUptime: Sendable {
        let seconds = Mutex(0.0)
    }

    /// A founded relay with its witnesses.
    private final class Rig: Sendable {
        let relay: FoundedRelay
        let board: CosignatureBoard
        let asker: WitnessAsker
        let sequencer: Sequencer
        let metrics = PrometheusMetrics()
        let uptime = TestUptime()

        convenience init(_ relay: FoundedRelay, _ witnesses: [TestWitness], kept: [[UInt8]] = []) {
            self.init(
                relay, witnesses.map(\.key), posts: witnesses.map { witness in { witness.post($0) } }, kept: kept)
        }

        init(_ relay: FoundedRelay, _ keys: [WitnessKey], posts: [WitnessAsker.Post], kept: [[UInt8]] = []) {
            self.relay = relay
            let bell = WakeBell()
            let board = CosignatureBoard(keys, kept: kept, onNew: { bell.ring() })
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let uptime = uptime
            let asker = WitnessAsker(
                board, posts: posts, store: relay.store,
                file: FilePath(relay.folder).appending("cosigned"), metrics: WitnessMetrics(factory: metrics),
                logger: logger, uptime: { uptime.seconds.withLock { $0 } })
            self.board = board
            self.asker = asker
            bell.answer { asker.wake() }
            sequencer = Sequencer(
                state: relay.state, keys: relay.keys, store: relay.store, hub: relay.hub,
                clock: BatchClock(after: relay.state.lastTime),
                logger: logger, onCommit: { board.record($0) })
            for log in LogKind.allCases {
                board.add(
                    LogName(relay.state.organisation, log), relay.keys.logKey(log), head: relay.state.head(log))
            }
        }

        func name(_ log: LogKind) -> LogName { LogName(relay.state.organisation, log) }

        func head(_ log: LogKind) -> SignedCheckpoint { sequencer.published.current.head(log) }

        /// Whether the newest checkpoints carry so many cosignatures.
        func isCosigned(_ count: Int) -> Bool {
            LogKind.allCases.allSatisfy { board.cosignatures(of: head($0), log: name($0)).count == count }
        }

        func count(_ outcome: String) -> Bool { number(of: outcome) > 0 }

        /// How many attempts that are over came to this.
        func number(of outcome: String) -> Int {
            metrics.text().split(separator: "\n").lazy.filter {
                $0.contains("nightbell_witness_requests") && $0.contains("\"\(outcome)\"")
            }.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.first ?? 0
        }

        func passes(_ seconds: Double) {
            uptime.seconds.withLock { $0 += seconds }
            asker.wake()
        }

        /// Runs everything beside `body`.
        func running(_ body: @escaping @Sendable (Rig) async throws -> Void) async throws {
            try await relay.running(sequencer) { [self] in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try? await self.asker.run() }
                    try await body(self)
                    group.cancelAll()
                }
            }
        }
    }

    private static func eventually(_ what: Comment, _ condition: @Sendable () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(600)
        while !condition() {
            try #require(ContinuousClock.now < deadline, what)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func logKeys(_ relay: FoundedRelay) -> [LogKey] { LogKind.allCases.map { relay.keys.logKey($0) } }

    /// Everything that becomes durable is cosigned by all, each time with a proof from what each has; verified by their
    /// keys, and served behind the log's own signature.
    @Test func whatGrowsIsCosignedByAll() async throws {
        let relay = try await FoundedRelay()
        let logs = Self.logKeys(relay)
        let witnesses = [try TestWitness("w.example/1", logs), try TestWitness("w.example/2", logs)]
        try await Rig(relay, witnesses).running { rig in
            try await Self.eventually("the first checkpoints are cosigned") { rig.isCosigned(2) }
            for number in 0..<5 {
                _ = try await rig.sequencer.accept(relay.newMember("member \(number)", seen: rig.head(.roster).seen))
                try await Self.eventually("member \(number) is cosigned") { rig.isCosigned(2) }
            }
            for log in LogKind.allCases {
                let head = rig.head(log)
                let note =
                    head.note.bytes + rig.board.cosignatures(of: head, log: rig.name(log)).flatMap(\.line)
                let signed = try relay.keys.logKey(log).verify(checkpoint: note)
                for witness in witnesses {
                    #expect(witness.key.cosignature(of: signed.note) != nil)
                    #expect(witness.size(relay.keys.logKey(log)) == head.size)
                }
                #expect(rig.board.notes(of: rig.name(log)).count == 2)
            }
            #expect(rig.count("cosigned") && !rig.count("refused"))
        }
    }

    /// A witness that is away takes nothing from the others, and nothing from whoever writes; when it is back it catches up.
    @Test func oneThatIsAwayHoldsUpNobody() async throws {
        let relay = try await FoundedRelay()
        let logs = Self.logKeys(relay)
        let (there, away) = (try TestWitness("w.example/1", logs), try TestWitness("w.example/2", logs))
        away.mood.withLock { $0.isAway = true }
        try await Rig(relay, [there, away]).running { rig in
            _ = try await rig.sequencer.accept(relay.newMember("Bo", seen: rig.head(.roster).seen))
            try await Self.eventually("the other cosigns") { rig.isCosigned(1) && rig.count("unreachable") }
            // While its time is not over, it is left alone.
            let asked = away.mood.withLock(\.asked)
            _ = try await rig.sequencer.accept(relay.newMember("Cy", seen: rig.head(.roster).seen))
            try await Self.eventually("the other cosigns again") { rig.isCosigned(1) }
            #expect(away.mood.withLock(\.asked) == asked)
            #expect(rig.board.age(at: 1 << 40) == nil)
            away.mood.withLock { $0.isAway = false }
            rig.passes(1)
            try await Self.eventually("both cosign") { rig.isCosigned(2) }
            #expect(away.mood.withLock(\.asked) > asked)
        }
    }

    /// However long it was away, it is asked again within a minute.
    @Test func oneThatWasAwayForLongIsAskedEveryMinute() async throws {
        let relay = try await FoundedRelay()
        let witness = try TestWitness("w.example/1", Self.logKeys(relay))
        witness.mood.withLock { $0.isAway = true }
        try await Rig(relay, [witness]).running { rig in
            for attempt in 1...12 {
                // Its end, from which on a minute counts.
                try await Self.eventually("attempt \(attempt)") { rig.number(of: "unreachable") >= attempt }
                rig.passes(60)
            }
            witness.mood.withLock { $0.isAway = false }
            // An attempt that began before is counted from when it is over.
            try await Self.eventually("it is cosigned") {
                rig.passes(60)
                return rig.isCosigned(1)
            }
        }
    }

    /// What a witness has is asked of itself: a relay that forgot it needs no more.
    @Test func aRelayThatForgotIsToldTheSize() async throws {
        let relay = try await FoundedRelay()
        let witness = try TestWitness("w.example/1", Self.logKeys(relay))
        try await Rig(relay, [witness]).running { rig in
            try await Self.eventually("it is cosigned") { rig.isCosigned(1) }
        }
        try await Rig(relay, [witness]).running { rig in
            _ = try await rig.sequencer.accept(relay.newMember("Bo", seen: rig.head(.roster).seen))
            try await Self.eventually("it is cosigned, without a word from before") { rig.isCosigned(1) }
            #expect(!rig.count("forgot"))
        }
    }

    @Test func aWitnessThatForgotIsNamed() async throws {
        let relay = try await FoundedRelay()
        let logs = Self.logKeys(relay)
        let witness = try TestWitness("w.example/1", logs)
        try await Rig(relay, [witness]).running { rig in
            try await Self.eventually("it is cosigned") { rig.isCosigned(1) }
            try witness.forget(logs)
            _ = try await rig.sequencer.accept(relay.newMember("Bo", seen: rig.head(.roster).seen))
            try await Self.eventually("it is noticed") { rig.count("forgot") }
        }
    }

    /// A witness that vouched for another history of this log gives nothing, and the operator is told.
    @Test func anotherHistoryIsAnAlarm() async throws {
        let relay = try await FoundedRelay()
        let logs = Self.logKeys(relay)
        let (same, larger) = (try TestWitness("w.example/1", logs), try TestWitness("w.example/2", logs))
        for log in LogKind.allCases {
            // Signed by the relay's own key: what a second copy of its data would do.
            for (witness, size) in [(same, relay.state.head(log).size), (larger, 9)] {
                let forged = relay.keys.sign(log, size: size, root: Digest.sha256([7]))
                let body = AddCheckpoint(old: 0, proof: [], checkpoint: forged.note.bytes)
                #expect(witness.post(body.bytes)?.status == 200)
            }
        }
        try await Rig(relay, [same, larger]).running { rig in
            try await Self.eventually("both are noticed") { rig.count("inconsistent") && rig.count("ahead") }
            #expect(rig.isCosigned(0))
            // And nobody who writes waits for it.
            _ = try await rig.sequencer.accept(relay.newMember("Bo", seen: rig.head(.roster).seen))
        }
    }

    /// A size that a witness said once, out of order or by mistake, is asked for again: it need not be its last word.
    @Test func oneThatSaidTooMuchIsAskedAgain() async throws {
        let relay = try await FoundedRelay()
        let witness = try TestWitness("w.example/1", Self.logKeys(relay))
        witness.mood.withLock { $0.instead = PostAnswer(status: 409, body: Array("1000\n".utf8)) }
        try await Rig(relay, [witness]).running { rig in
            try await Self.eventually("it says too much") { rig.count("ahead") }
            witness.mood.withLock { $0.instead = nil }
            // Of the other log it may be told so only now.
            try await Self.eventually("it cosigns after all") {
                rig.passes(WitnessAsker.mendSeconds)
                return rig.isCosigned(1)
            }
        }
    }

    /// Only the named key's true cosignature of exactly this checkpoint is one.
    @Test func nothingElseIsTakenForACosignature() async throws {
        let relay = try await FoundedRelay()
        let stranger = CosignatureSigner(name: "w.example/1", key: SigningKey(seed: SecretBytes(random: 32)))
        let line = stranger.sign(relay.state.rosterHead.note.text, at: 1_700_000_000).signature.line
        for body in [line, [], Array("thanks\n".utf8), relay.state.rosterHead.signature.line] {
            let witness = try TestWitness("w.example/1", Self.logKeys(relay))
            witness.mood.withLock { $0.instead = PostAnswer(status: 200, body: body) }
            try await Rig(relay, [witness]).running { rig in
                try await Self.eventually("it is refused") { rig.count("bad_answer") }
                #expect(rig.isCosigned(0) && rig.board.notes(of: rig.name(.roster)).isEmpty)
            }
        }
        let lost = try TestWitness("w.example/1", Self.logKeys(relay))
        lost.mood.withLock { $0.instead = PostAnswer(status: 409, body: Array("0\n".utf8)) }
        try await Rig(relay, [lost]).running { rig in
            try await Self.eventually("a size that is no news is none") { rig.count("bad_answer") }
        }
    }

    /// A witness that is not ours, in another language, over the network.
    @Test func aWitnessThatIsNotOursCosigns() async throws {
        let relay = try await FoundedRelay()
        let peer = try await PeerWitness(in: relay.folder, logs: Self.logKeys(relay))
        defer { peer.stop() }
        try await Rig(relay, [peer.key], posts: [{ await peer.post($0) }]).running { rig in
            // What it has no answer to in time, on a busy machine, it is asked again.
            try await Self.eventually("it cosigns") {
                rig.passes(1)
                return rig.isCosigned(1)
            }
        }
        // A relay that remembers nothing of it is told the size, and goes on from there.
        try await Rig(relay, [peer.key], posts: [{ await peer.post($0) }]).running { rig in
            for number in 0..<3 {
                _ = try await rig.sequencer.accept(relay.newMember("member \(number)", seen: rig.head(.roster).seen))
                try await Self.eventually("it cosigns what continues") {
                    rig.passes(1)
                    return rig.isCosigned(1)
                }
            }
            #expect(!rig.count("refused") && !rig.count("bad_answer"))
        }
    }

    /// What was cosigned is there after a restart, before any witness answers; what does not verify is not.
    @Test func cosignedCheckpointsOutliveARestart() async throws {
        let relay = try await FoundedRelay()
        let witness = try TestWitness("w.example/1", Self.logKeys(relay))
        let file = FilePath(relay.folder).appending("cosigned")
        try await Rig(relay, [witness]).running { rig in
            try await Self.eventually("it is cosigned") { rig.isCosigned(1) }
        }
        let kept = CosignedFile.kept(at: file)
        #expect(kept.count == 2)
        let again = Rig(relay, [witness], kept: kept)
        #expect(again.isCosigned(1))
        var changed = kept
        for place in changed.indices { changed[place][changed[place].count - 10] ^= 1 }
        #expect(Rig(relay, [witness], kept: changed + [[1, 2, 3]]).isCosigned(0))
        // Another witness than the configured one says nothing.
        #expect(Rig(relay, [try TestWitness("w.example/2", [])], kept: kept).isCosigned(0))
    }

    /// A log grows several times in the second that a cosignature tells.
    @Test func ofOneSecondTheLargerTreeOutlivesARestart() {
        let log = LogSigner(origin: "o", key: SigningKey())
        let witness = CosignatureSigner(name: "w.example", key: SigningKey())
        let name = LogName(OrganisationID(bytes: [UInt8](repeating: 7, count: 20)), .activity)
        let checkpoints = [UInt64(15), 18].map { log.sign(size: $0, root: .sha256([UInt8($0)])) }
        let kept = checkpoints.map { $0.carrying([witness.sign($0.note.text, at: 1_800_000_000)]).note.bytes }
        for kept in [kept, kept.reversed()] {
            let board = CosignatureBoard([witness.witnessKey], kept: kept)
            board.add(name, log.logKey, head: checkpoints[1])
            #expect(board.cosignatures(of: checkpoints[1], log: name).count == 1)
        }
    }
}
